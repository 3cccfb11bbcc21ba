//! Keys as they stand in files and messages, and what only looks like one.

use super::*;

fn found(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |value: &[u8]| found.push(String::from_utf8(value.to_vec()).unwrap());
    each(text, 0..text.len(), &mut 0, &mut add);
    for (at, _) in text.match_indices('@') {
        if let Some(password) = in_address(text, at) {
            add(text[password].as_bytes());
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn keys(text: &str) -> usize {
    found(text).len()
}

/// Noise of `length` letters and digits.
fn noise(length: usize) -> String {
    (0..length)
        .map(|n| char::from(b"aB3dE5fG7hJ9kL2mN4pQ6rS8tU"[n * 7 % 26]))
        .collect()
}

#[test]
fn keys_are_known_by_their_form() {
    let jwt = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{}.{}", noise(40), noise(43));
    let hex = "5364a0e3cd38b0dafc84064dfeafe106";
    let pem = |kind: &str| format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----", noise(64));
    for text in [
        format!("AKIA{}", noise(16).to_uppercase()),
        format!("LTAI{}", noise(20)),
        format!("token ghp_{}", noise(36)),
        format!("\"AIza{}\"", noise(35)),
        pem("RSA PRIVATE KEY"),
        pem("OPENSSH PRIVATE KEY"),
        jwt,
        "mysql://root:Zx9kLq@db.example.com/x".to_owned(),
        "Server=db;User Id=sa;Password=Zx9kLq!;".to_owned(),
        format!("aws_secret_access_key = {}", noise(40)),
        format!("secretAccessKey: \"{}\"", noise(40)),
        format!("{{\"AccessKeySecret\": \"{}\"}}", noise(30)),
        format!("access-key-secret: {}", noise(30)),
        format!("ALIBABA_CLOUD_ACCESS_KEY_SECRET={}", noise(30)),
        format!("TENCENTCLOUD_SECRET_KEY={}", noise(32)),
        format!("appsecret={hex}"),
        format!("key: sk-{hex}"),
        format!("sk-{hex}"),
        format!("一行\nsk-{hex}"),
        format!("\"sk-{}T3BlbkFJ{}", noise(20), noise(20)),
        format!("sk-svcacct-{}", noise(80)),
        format!("xoxb-123456789012-{}", noise(24)),
        format!("xapp-1-A{}", noise(80)),
        format!(
            "https://hooks.slack.com/services/T{}/B{}/{}",
            noise(8),
            noise(8),
            noise(24)
        ),
        format!("GOCSPX-{}", noise(28)),
        format!("glrt-{}", noise(20)),
        format!("AccountName=a;AccountKey={}==;EndpointSuffix=b", noise(86)),
        format!("SharedAccessKeyName=a;SharedAccessKey={}=", noise(43)),
        format!("pypi-AgEI{}", noise(150)),
        format!("https://oapi.dingtalk.com/robot/send?access_token={hex}{hex}"),
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=8f57d0f5-d1dd-7366-1584-9e335a0602bc".to_owned(),
        format!("Private-Lines: 1\n{}=", noise(43)),
        format!(
            "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"a\"\n{}",
            noise(70)
        ),
    ] {
        assert_eq!(keys(&text), 1, "{text}");
    }
    assert!(MARKS.len() <= 64 && MARKS.iter().all(|(mark, _)| mark.len() > 3));
    for text in [
        pem("PUBLIC KEY"),
        pem("CERTIFICATE"),
        "AKIAIOSFODNN".to_owned(),
        format!("xAKIA{}", noise(16).to_uppercase()),
        "eyJhbGciOiJIUzI1NiJ9 alone".to_owned(),
        format!("eyJub3RoaW5nIjoxfQ.{}.{}", noise(40), noise(40)),
        "mysql://root:<password>@db/x".to_owned(),
        "password=Zx9kLq!".to_owned(),
        format!("a desk-{hex}"),
        format!("PREPWD=1; keyword={hex}"),
        "class=\"sk-folding-cube-animation-wrapper-large\"".to_owned(),
        format!("sign={hex}"),
        format!("secretary {hex}"),
        "client_secret = YOUR_SECRET_GOES_HERE".to_owned(),
        "AccountKey=${AZURE_KEY};SharedAccessKey=<key>".to_owned(),
        format!("secret: {}", "a".repeat(32)),
        "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
        noise(40),
    ] {
        assert_eq!(keys(&text), 0, "{text}");
    }
}

#[test]
fn the_value_of_a_setting_must_look_random() {
    let (hex, key) = ("5364a0e3cd38b0dafc84064dfeafe106", noise(43));
    for text in [
        format!("AZURE_CLIENT_SECRET={}8Q~{}", &key[..3], &key[..34]),
        format!("corpsecret: {key}"),
        format!("AppSecret:{key}"),
        format!("密钥: {key}"),
        format!("AppSecret(开发者密钥):{hex}"),
        format!("商户号：1\nAPIv3密钥:{hex}"),
        format!("JWT_SECRET={hex}{hex}"),
        format!("HUAWEICLOUD_SDK_SK={key}"),
        format!("ak=EXAMPLE\nsk={key}"),
        format!("Secret Access Key\t{key}"),
        format!(
            "User Name,Access Key Id,Secret Access Key\nexample,{},{key}",
            &key[..20]
        ),
        format!("SENDGRID_API_KEY=SG.{}.{key}", &key[..22]),
        format!("mchKey: {hex}"),
        format!("\"apiKey\": \"{key}\""),
        format!("EncodingAESKey={key}"),
        format!("define('API_KEY', '{key}')"),
        format!("//registry.example.com/:_authToken={hex}"),
        format!("TELEGRAM_BOT_TOKEN=1234509876:AA{}", &key[..33]),
        format!("merchant_private_key={}", noise(1600)),
    ] {
        assert_eq!(keys(&text), 1, "{text}");
    }
    for text in [
        format!("public_key={key}"),
        format!("cacheKey: {hex}"),
        format!("nextToken: {key}"),
        format!("\"A::B::ApiKey\": \"{key}\""),
        format!("\"A::B::Secret\": \"{key}\""),
        format!("csrf_token={hex}"),
        format!("secret_name={key}"),
        format!("secret = decode(\"{key}\")").replace(&key, "a"),
        format!("token = {}(x)", noise(30)),
        format!("secret: ${{{key}}}").replace(&key, "APP_SECRET_V2_OF_SERVICE"),
        "client_secret=your-client-secret-of-2026-goes-here".to_owned(),
        "api_key = settings.EXTERNAL_SERVICE_API_KEY".to_owned(),
        format!("f(secret, {key}, 2)"),
        "private_key: ed25519.Ed25519PrivateKey,".to_owned(),
        "secret: 20260101120000000000".to_owned(),
        format!("AccessKey ID,AccessKey Secret\nLTAI,{}", "说明"),
    ] {
        assert_eq!(keys(&text), 0, "{text}");
    }
}

#[test]
fn keys_that_stand_in_a_row_are_all_found() {
    let text = format!("AccessKey ID,AccessKey Secret\nLTAI{},{}", noise(20), noise(30));
    assert_eq!(keys(&text), 2);
    let text = format!("accessKeyId: LTAI{}\naccessKeySecret: {}", noise(20), noise(30));
    assert_eq!(keys(&text), 2);
}

#[test]
fn the_password_of_an_address_is_found_and_no_example() {
    for text in [
        "https://deploy:Zx9kLq2w@git.example.com/a.git",
        "http_proxy=http://proxy:Zx9kLq2w@10.0.0.8:3128",
        "redis://:Zx9kLq2w@db.example.com:6379/0",
        "postgresql+psycopg2://app:Zx9kLq2w@db/erp",
        "mongodb://app:Zx9kLq2w@10.1.2.3:27017,10.1.2.4:27017/db",
        "jdbc:oracle:thin:scott/Zx9kLq2w@//db.example.com:1521/ORCL",
    ] {
        assert_eq!(found(text), ["Zx9kLq2w"], "{text}");
    }
    for text in [
        "https://user:password@example.com/",
        "postgres://postgres:postgres@localhost:5432/test",
        "https://user:hunter@example.com/",
        "http://fred:fredpassword@example.com:8080/",
        "https://example.com:8443/a@b",
        "ssh://git@example.com:22/a",
        "https://$USER:$PASS@example.com",
        "https://app:Zx9kLq2w@",
        "ftp://[[user][:pass]@]host[:port]/",
        "见 https://example.com/ 或 a:Zx9kLq2w@b",
    ] {
        assert_eq!(keys(text), 0, "{text}");
    }
}

#[test]
fn a_password_counts_beside_its_server() {
    for text in [
        "url: jdbc:mysql://10.1.2.3:3306/erp\nusername: erp\npassword: Zx9kLq@293",
        "DB_HOST=db.example.com\nDB_PASSWORD=Zx9kLq2w4e",
        "MYSQL_ROOT_PASSWORD: Zx9kLq2w4e",
        "MYSQL_ROOT_PASSWORD: CuaPdcSHgpPO",
        "'HOST': 'db', 'PASSWORD': 'Zx9kLq2w4e'",
        "服务器:10.1.2.3\n账号:root\n密码:Zx9kLq@293",
        "db.url.0=jdbc:mysql://db/erp\ndb.password.0=Zx9kLq2w4e",
        "define('DB_HOST', 'db');define('DB_PASSWORD', 'Zx9kLq2w4e');",
        "<host>db</host><password>Zx9kLq2w4e</password>",
    ] {
        assert_eq!(keys(text), 1, "{text}");
    }
    for text in [
        "password: Zx9kLq@293",
        "host: localhost\npassword: Zx9kLq@293",
        "host: db\npassword: ${DB_PASSWORD}",
        "host: db\npassword: changeme1",
        "host: db\npassword: MySqlServerRoot",
        "host, password: windows_core::PCWSTR,",
        "host account:password:UID:GID:GECOS:directory",
        "host: \"md5\", \"password\", \"scram-sha-256\"",
        "host: db\npassword = getpass2.getpass()",
        "host: db\npasswordEncoder: bcrypt10rounds",
        "服务器的密码长度:不少于8位a",
        "服务器密码:请联系管理员",
        "服务器密码:********",
    ] {
        assert_eq!(keys(text), 0, "{text}");
    }
}

#[test]
fn the_private_part_of_a_json_key_is_found() {
    let part = noise(43);
    for text in [
        format!("{{\"kty\":\"EC\",\"x\":\"{part}\",\"d\":\"{part}\"}}"),
        format!("{{\n  \"d\": \"{part}\",\n  \"kty\": \"OKP\"\n}}"),
        format!("{{\"kty\": \"oct\", \"k\": \"{part}\"}}"),
    ] {
        assert_eq!(keys(&text), 1, "{text}");
    }
    for text in [
        format!("{{\"kty\":\"EC\",\"x\":\"{part}\"}}"),
        format!("{{\"kty\":\"RSA\",\"n\":\"{part}\"}},{{\"d\":\"{part}\"}}"),
        "{\"kty\":\"RSA\",\"d\":\"...\"}".to_owned(),
        "\"kty\"".to_owned(),
    ] {
        assert_eq!(keys(&text), 0, "{text}");
    }
}
