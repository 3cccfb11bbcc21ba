//! A small HTTPS server that notes what it is sent and answers what the test says.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::authority::Authority;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A status and a body.
pub(crate) type Answer = (u16, String);

/// The server; it ends with the test's process.
pub(crate) struct Server {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts it. `answer` is asked with each request.
    pub(crate) fn start(authority: &Authority, answer: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let chain = CertificateDer::from_pem_slice(authority.server.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(authority.server_key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .unwrap();
        let (config, answer) = (Arc::new(config), Arc::new(answer));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, sink, answer) = (Arc::clone(&config), Arc::clone(&sink), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, config, &sink, &*answer));
            }
        });
        Self { port, received }
    }

    /// What has come so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// Serves one request and closes. A client that does not trust the server comes to nothing here.
fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    sink: &Mutex<Vec<Received>>,
    answer: &dyn Fn(&Received) -> Answer,
) {
    let Ok(connection) = ServerConnection::new(config) else {
        return;
    };
    let mut stream = StreamOwned::new(connection, stream);
    let Ok(request) = read(&mut stream) else { return };
    let (status, body) = answer(&request);
    sink.lock().unwrap().push(request);
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\
         Location: https://127.0.0.1:1/elsewhere\r\n\r\n{body}"
    );
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

fn read(stream: &mut StreamOwned<ServerConnection, TcpStream>) -> io::Result<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8(body).map_err(io::Error::other)?;
    Ok(Received { path, headers, body })
}
