//! Codes of places: divisions of China (GB/T 2260) and areas of its telephone network.

/// The provinces by the first two digits of GB/T 2260.
const PROVINCES: &[(u32, u32)] = &[
    (11, 15),
    (21, 23),
    (31, 37),
    (41, 46),
    (50, 54),
    (61, 65),
    (71, 71),
    (81, 83),
];

/// Whether two digits are a province.
pub(super) fn is_province(code: u32) -> bool {
    PROVINCES.iter().any(|(first, last)| (*first..=*last).contains(&code))
}

/// Area codes without their 0, of three digits: from the first to the last of a row.
const AREAS: &[(u32, u32)] = &[
    (310, 319),
    (335, 335),
    (349, 359),
    (370, 379),
    (391, 398),
    (411, 421),
    (427, 427),
    (429, 429),
    (431, 440),
    (451, 459),
    (464, 464),
    (467, 479),
    (482, 483),
    (510, 519),
    (523, 523),
    (527, 527),
    (530, 539),
    (543, 543),
    (546, 546),
    (550, 566),
    (570, 580),
    (591, 599),
    (631, 635),
    (660, 660),
    (662, 663),
    (668, 668),
    (691, 692),
    (701, 701),
    (710, 719),
    (722, 722),
    (724, 724),
    (728, 728),
    (730, 739),
    (743, 746),
    (750, 760),
    (762, 763),
    (766, 766),
    (768, 779),
    (790, 799),
    (812, 813),
    (816, 818),
    (825, 827),
    (830, 839),
    (851, 859),
    (870, 879),
    (881, 881),
    (883, 883),
    (886, 888),
    (891, 898),
    (901, 903),
    (906, 906),
    (908, 909),
    (911, 919),
    (930, 939),
    (941, 941),
    (943, 943),
    (951, 955),
    (970, 977),
    (979, 979),
    (990, 999),
];

/// Whether digits, without a leading 0, are an area: 10 and 20 to 29 but 26, or three digits of the list.
pub(super) fn is_area(code: u32) -> bool {
    match code {
        10 | 20..=25 | 27..=29 => true,
        _ => AREAS.iter().any(|(first, last)| (*first..=*last).contains(&code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_are_not_are_refused() {
        assert!(is_province(11) && is_province(83) && !is_province(16) && !is_province(0));
        assert!(is_area(10) && is_area(571) && is_area(755) && !is_area(26) && !is_area(138) && !is_area(400));
    }
}
