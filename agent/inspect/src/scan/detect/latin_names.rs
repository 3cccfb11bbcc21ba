//! Lists of names in Latin letters: in the column below a head that says so, words with capitals, of which many are usual given
//! names or the surnames of Pinyin.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Rows that make a list, and different names in them.
const ROWS: u32 = 5;
const DIFFERENT: usize = 5;
/// The longest name, in bytes.
const NAME: usize = 48;

const USUAL: &str = "\
    aaron adam adrian alan albert alex alexander alexis alice alicia alison amanda amber amy andrea andrew angela anita ann \
    anna anne anthony antonio arthur ashley austin barbara benjamin beth betty beverly bill bob bobby bonnie brad brandon \
    brandy brenda brian brittany bruce bryan caitlin carl carla carlos carol caroline carolyn carrie catherine chad charles \
    charlotte chelsea cheryl chloe chris christian christina christine christopher cindy claire connie courtney craig \
    cristina crystal curtis cynthia daisy dale dan dana daniel danielle danny darren david dawn dean deborah debra denise \
    dennis derek desiree diana diane donald donna doris dorothy douglas dylan edward elaine eleanor elizabeth ella ellen \
    emily emma eric erica erik erin ethan eugene eva evan evelyn fiona frances francis frank gabriel gary george gerald \
    gina glenn gloria grace graham grant greg gregory hannah harold harry hayley heather heidi helen henry holly howard \
    hugh ian isaac isabel isabella jack jackson jacob jacqueline jade jake james jamie jane janet janice jared jasmine \
    jason jay jean jeff jeffery jeffrey jenna jennifer jenny jeremiah jeremy jerry jesse jessica jill jim jimmy jo joan \
    joann joanna joanne joe joel john johnny jon jonathan jordan jose joseph joshua joy joyce juan judith judy julia julian \
    julie justin kaitlyn karen katherine kathleen kathryn kathy katie kayla keith kelly kelsey ken kenneth kevin kim \
    kimberly kirsty kristen kristin kristina kyle larry laura lauren laurie lawrence leah lee leo leon leonard leslie lewis \
    liam lily linda lindsay lindsey lisa logan lori louis louise lucas lucy luis luke lynn madison marc marcus margaret \
    maria marie marilyn mario marissa mark martha martin marvin mary mathew matthew maureen max meagan megan meghan melanie \
    melinda melissa melvin mia michael micheal michele michelle miguel mike mitchell molly monica morgan nancy naomi natalie \
    natasha nathan nathaniel neil nicholas nick nicola nicole nina noah norman olivia oliver oscar owen pam pamela patricia \
    patrick paul paula peggy penny peter philip phillip phyllis rachael rachel ralph randy raymond rebecca regina renee \
    rhonda ricardo richard rick ricky rita robert roberta robin robyn rodney roger ron ronald rosa rose ross roy russell \
    ruth ryan sabrina sally sam samantha samuel sandra sara sarah scott sean sergio seth shane shannon sharon shaun shawn \
    sheila shelby shelley shirley sierra simon sofia sonia sophia sophie stacey stacy stephanie stephen steve steven stuart \
    sue susan suzanne sydney sylvia tamara tammy tanya tara taylor ted teresa terri terry theresa thomas tiffany tim timothy \
    tina todd tom tommy toni tony tonya tracey tracy travis trevor troy tyler valerie vanessa veronica vicki victor \
    victoria vincent virginia walter wanda warren wayne wendy wesley whitney will william xavier yolanda yvonne zachary zoe \
    bai cai cao chang chen cheng chiu chou cui dai deng ding dong du duan fan fang feng fu gao ge gong gu guo han hao he ho \
    hou hsu hu huang jia jiang jin kang kong kwok lai lam lau lei li liang liao lin liu long lou lu luo lv ma mao meng mo \
    ni ouyang pan peng qi qian qiao qin qiu ren shao shen shi su sun tan tang tao tian tsai wan wang wei wen wong wu xia \
    xiang xiao xie xing xiong xu xue yan yang yao ye yi yin yu yuan yue zeng zhai zhang zhao zheng zhong zhou zhu zou";
static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| USUAL.split(' ').collect());

/// The cells below such heads.
#[derive(Debug, Default)]
pub(in super::super) struct LatinNames {
    cells: u32,
    names: u32,
    usual: u32,
    different: Vec<String>,
}

impl LatinNames {
    /// Looks at one cell.
    pub(in super::super) fn cell(&mut self, cell: &str) {
        let cell = cell.trim_matches(['"', '\'', ' ']);
        if cell.is_empty() {
            return;
        }
        self.cells = self.cells.saturating_add(1);
        if !cell.starts_with(char::is_uppercase) || !is_name(cell) {
            return;
        }
        self.names = self.names.saturating_add(1);
        let usual = cell
            .split(' ')
            .any(|word| NAMES.contains(word.to_ascii_lowercase().as_str()));
        self.usual = self.usual.saturating_add(u32::from(usual));
        if self.different.len() < DIFFERENT && !self.different.iter().any(|own| own == cell) {
            self.different.push(cell.to_owned());
        }
    }

    /// The rows, where they are a list.
    pub(in super::super) fn rows(&self) -> u32 {
        let part = |part: u32, of: u32, of_hundred: u64| u64::from(part) * 100 >= u64::from(of) * of_hundred;
        let listed = part(self.names, self.cells, 60) && part(self.usual, self.names, 40);
        if self.names >= ROWS && self.different.len() >= DIFFERENT && listed {
            self.names
        } else {
            0
        }
    }
}

/// Two to four words with capitals, or an initial among them.
fn is_name(cell: &str) -> bool {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().is_some_and(char::is_uppercase)
            && chars.all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '.'))
    };
    cell.len() <= NAME && (2..=4).contains(&cell.split(' ').count()) && cell.split(' ').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cells: &[&str]) -> u32 {
        let mut names = LatinNames::default();
        for cell in cells {
            names.cell(cell);
        }
        names.rows()
    }

    #[test]
    fn names_are_told_from_goods_below_the_same_head() {
        let people = [
            "Brian A. Staff",
            "Karen Staff",
            "ZHANG Staff",
            "Li Staff-Sample",
            "\"Sarah Staff\"",
            "Xavier O'Staff",
            "Staff",
            "",
        ];
        assert_eq!(rows(&people), 6);
        assert_eq!(rows(&people[..4]), 0);
        assert_eq!(rows(&["Brian Staff"; 9]), 0);
        let goods = [
            "Steel Bolt",
            "Copper Wire",
            "Glass Panel",
            "Rubber Seal",
            "Power Cable",
            "Motor Bracket",
            "Oil Filter",
            "Air Pump",
        ];
        assert_eq!(rows(&goods), 0);
        assert_eq!(rows(&["brian staff", "karen 1", "M8 Bolt", "Li", "a b", "c d"]), 0);
    }
}
