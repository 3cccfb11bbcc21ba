//! Addresses of China in Latin letters: a number, a road, and a city after them, from the small to the large.

use super::super::normal::LINE;
use super::super::number::Spot;
use super::Hit;

/// Bytes from a number to the end of its road, and from there to the city.
const ROAD: usize = 48;
const CITY: usize = 110;
const ROADS: &[&str] = &[
    "Road",
    "Rd",
    "Street",
    "St",
    "Avenue",
    "Ave",
    "Lane",
    "Highway",
    "Boulevard",
    "Alley",
    "Hutong",
    "Lu",
    "Jie",
    "Dadao",
];
const PLACES: &[&str] = &[
    "China",
    "Beijing",
    "Shanghai",
    "Tianjin",
    "Chongqing",
    "Guangzhou",
    "Shenzhen",
    "Hangzhou",
    "Nanjing",
    "Suzhou",
    "Chengdu",
    "Wuhan",
    "Xi'an",
    "Xian",
    "Qingdao",
    "Ningbo",
    "Xiamen",
    "Changsha",
    "Zhengzhou",
    "Dalian",
    "Jinan",
    "Hefei",
    "Fuzhou",
    "Shenyang",
    "Harbin",
    "Changchun",
    "Kunming",
    "Wuxi",
    "Dongguan",
    "Foshan",
    "Wenzhou",
    "Zhejiang",
    "Jiangsu",
    "Guangdong",
    "Shandong",
    "Sichuan",
    "Hubei",
    "Hunan",
    "Henan",
    "Hebei",
    "Fujian",
    "Anhui",
    "Jiangxi",
    "Liaoning",
    "Jilin",
    "Heilongjiang",
    "Shaanxi",
    "Shanxi",
    "Yunnan",
    "Guizhou",
    "Guangxi",
    "Hainan",
    "Gansu",
    "Xinjiang",
    "Ningxia",
    "Kowloon",
    "Macau",
    "Macao",
    "Taipei",
];

/// Whether a name may follow the number that ends at `end`.
pub(in super::super) fn may_follow(text: &[u8], start: usize, end: usize) -> bool {
    let blank = matches!(text.get(end), Some(b' ' | &LINE));
    let named = || text.get(end + 1).is_some_and(u8::is_ascii_uppercase);
    end - start <= 4 && blank && named()
}

pub(super) fn find(spot: &Spot<'_>) -> Option<Hit> {
    if !may_follow(spot.text.as_bytes(), spot.start, spot.end) || !spot.run().bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let rest = spot.after(spot.end);
    let (road, _) = words(rest, ROAD)
        .skip(1)
        .take(5)
        .take_while(|(_, word)| word.starts_with(|c: char| c.is_ascii_uppercase()))
        .find(|(_, word)| ROADS.contains(word))?;
    let (place, _) = words(&rest[road..], CITY)
        .skip(1)
        .find(|(_, word)| PLACES.contains(word))?;
    let end = spot.end + road + place;
    let value = spot.text[spot.start..end].bytes().filter(u8::is_ascii_alphanumeric);
    Some(Hit {
        end,
        value: value.collect(),
    })
}

/// The words at the start of a text, with where each ends; a line that ends with nothing after it ends the text.
fn words(text: &str, most: usize) -> impl Iterator<Item = (usize, &str)> {
    let near = &text[..text.floor_char_boundary(most.min(text.len()))];
    let near = near.split("\n\n").next().unwrap_or(near);
    let apart = |c: char| !c.is_ascii_alphabetic() && c != '\'';
    near.split(apart)
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - near.as_ptr() as usize + word.len(), word))
}

#[cfg(test)]
mod tests {
    use super::super::found_by;

    #[test]
    fn an_address_in_latin_letters_leads_to_a_city_of_china() {
        for text in [
            "No. 88 Shili Road, Shili District, Hangzhou, Zhejiang 310012, China",
            "Room 1201, Building 3, No.88 Shili East Rd., Chaoyang District, Beijing 100022, P.R. China",
            "88 Shili，East Road，Chaoyang District，Beijing",
            "8/F, Tower B, 650 Shili Avenue,\nPudong New Area, Shanghai",
        ] {
            assert_eq!(found_by(|spot, _| super::find(spot), text).len(), 1, "{text}");
        }
        for text in [
            "12 Main Street, Springfield, IL 62701",
            "88 Boxes were shipped by Road to Shanghai",
            "In 2024 Shanghai built a Road",
            "88 Shili Road",
            "88 示例 Road, Hangzhou",
            "No. 88 Shili Road.\n\nBeijing",
        ] {
            assert!(found_by(|spot, _| super::find(spot), text).is_empty(), "{text}");
        }
    }
}
