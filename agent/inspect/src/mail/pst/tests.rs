//! Files by a small writer that follows the specification: enough of each layer for one page of each tree.

use super::cipher::Cipher;
use super::store::Form;
use crate::examined::{assert_in_order, examined};
use crate::found::Found;
use crate::kind;
use fileward_policy::facts::TextState;
use fileward_protocol::vocabulary::EncryptionState;

const NARROW: u16 = 0x1E;
const WIDE: u16 = 0x1F;
const BINARY: u16 = 0x102;
const OBJECT: u16 = 0x0D;
const NUMBER: u16 = 3;

/// Numbers of the nodes that the tests use.
const RECIPIENTS: u32 = 0x692;
const FIRST_MESSAGE: u32 = 0x20_0004;
const FIRST_ATTACHMENT: u32 = 0x8025;

struct Writer {
    form: Form,
    cipher: Cipher,
    bytes: Vec<u8>,
    /// Number, place and size of each block.
    blocks: Vec<(u64, u64, u16)>,
    /// Number, data and nodes below of each node.
    nodes: Vec<(u32, u64, u64)>,
}

/// A property: a number, or the bytes of a value.
enum Value {
    Number(u32),
    Bytes(Vec<u8>),
}

type Property = (u16, u16, Value);

impl Writer {
    fn new(form: Form, cipher: Cipher) -> Self {
        Self {
            form,
            cipher,
            bytes: vec![0; 0x400],
            blocks: Vec::new(),
            nodes: Vec::new(),
        }
    }

    fn number(&self, number: u64) -> Vec<u8> {
        number.to_le_bytes()[..self.form.number()].to_vec()
    }

    /// Writes a block of data.
    fn block(&mut self, content: &[u8]) -> u64 {
        let number = 4 * (self.blocks.len() as u64 + 1);
        let mut content = content.to_vec();
        self.cipher.encode(&mut content, number);
        self.put(number, &content)
    }

    /// Writes a block that lists others.
    fn list(&mut self, kind: u8, level: u8, entries: &[Vec<u8>], total: u32) -> u64 {
        let number = 4 * (self.blocks.len() as u64 + 1) + 2;
        let count = u16::try_from(entries.len()).unwrap();
        let mut content = vec![kind, level];
        content.extend(count.to_le_bytes());
        if kind == 1 || self.form != Form::Ansi {
            content.extend(total.to_le_bytes());
        }
        content.extend(entries.concat());
        self.put(number, &content)
    }

    fn put(&mut self, number: u64, content: &[u8]) -> u64 {
        let place = self.bytes.len() as u64;
        self.bytes.extend(content);
        let end = (self.bytes.len() + 16).next_multiple_of(64);
        self.bytes.resize(end, 0);
        self.blocks.push((number, place, u16::try_from(content.len()).unwrap()));
        number
    }

    /// Writes a value, in as many blocks as are wanted.
    fn data(&mut self, value: &[u8], block_size: usize) -> u64 {
        let blocks: Vec<u64> = value.chunks(block_size).map(|part| self.block(part)).collect();
        let entries: Vec<_> = blocks.iter().map(|block| self.number(*block)).collect();
        let total = u32::try_from(value.len()).unwrap();
        let (first, rest) = entries.split_at(1);
        if rest.is_empty() {
            return blocks[0];
        }
        let lists = [first, rest].map(|entries| self.list(1, 1, entries, 0));
        let lists = lists.map(|list| self.number(list));
        self.list(1, 2, &lists, total)
    }

    /// Writes a list of properties and the nodes below; values that are long get nodes of their own.
    fn properties(&mut self, properties: &[Property], mut below: Vec<(u32, u64, u64)>) -> (u64, u64) {
        let mut items = vec![Vec::new(), Vec::new()];
        let mut cells = Vec::new();
        for (index, (id, kind, value)) in properties.iter().enumerate() {
            let value = match value {
                Value::Number(number) => *number,
                Value::Bytes(bytes) if bytes.len() < 200 => item(&mut items, bytes),
                Value::Bytes(bytes) => {
                    let node = 0x1_003F + 0x20 * u32::try_from(index).unwrap();
                    below.push((node, self.data(bytes, 90), 0));
                    node
                }
            };
            cells.extend(id.to_le_bytes());
            cells.extend(kind.to_le_bytes());
            cells.extend(value.to_le_bytes());
        }
        items[0] = [&[0xB5, 2, 6, 0][..], &hid(2).to_le_bytes()].concat();
        items[1] = cells;
        let data = self.block(&heap(0xBC, 1, &items));
        (data, self.nodes_below(&below))
    }

    fn nodes_below(&mut self, nodes: &[(u32, u64, u64)]) -> u64 {
        if nodes.is_empty() {
            return 0;
        }
        let entries: Vec<_> = nodes.iter().map(|node| self.entry(*node)).collect();
        let block = self.list(2, 0, &entries, 0);
        let others = [self.number(FIRST_MESSAGE.into()), self.number(block)].concat();
        self.list(2, 1, &[others], 0)
    }

    fn entry(&self, (id, data, below): (u32, u64, u64)) -> Vec<u8> {
        [id.into(), data, below].map(|number| self.number(number)).concat()
    }

    /// Writes a table of texts with one row each.
    fn table(&mut self, columns: &[u16], rows: &[Vec<&str>]) -> u64 {
        let mut items = vec![Vec::new(), Vec::new()];
        let width = u16::try_from(8 + 4 * columns.len()).unwrap();
        let mut matrix = Vec::new();
        for row in rows {
            matrix.extend([0; 8]);
            for text in row {
                matrix.extend(item(&mut items, &wide(text)).to_le_bytes());
            }
            matrix.push(0xFF);
        }
        let mut head = vec![0x7C, u8::try_from(columns.len()).unwrap()];
        for end in [width, width, width, width + 1] {
            head.extend(end.to_le_bytes());
        }
        head.extend([0; 4]);
        head.extend(hid(2).to_le_bytes());
        head.extend([0; 4]);
        for (index, id) in columns.iter().enumerate() {
            let index = u8::try_from(index).unwrap();
            head.extend(WIDE.to_le_bytes());
            head.extend(id.to_le_bytes());
            head.extend([8 + 4 * index, 0, 4, index]);
        }
        items[0] = head;
        items[1] = matrix;
        self.block(&heap(0x7C, 1, &items))
    }

    fn message(&mut self, properties: &[Property], below: Vec<(u32, u64, u64)>) {
        let id = FIRST_MESSAGE + 0x20 * u32::try_from(self.nodes.len()).unwrap();
        let (data, below) = self.properties(properties, below);
        self.nodes.push((id, data, below));
    }

    /// Writes the trees and the header: each tree is a page that leads to one with all entries.
    fn finish(mut self) -> Vec<u8> {
        let width = self.form.number();
        let mut blocks: Vec<_> = self.blocks.clone();
        blocks.sort_unstable();
        let blocks = blocks.iter().map(|(number, place, size)| {
            let mut entry = [self.number(*number), self.number(*place), size.to_le_bytes().to_vec()].concat();
            entry.resize(3 * width, 0);
            entry
        });
        let blocks: Vec<_> = blocks.collect();
        let nodes = self
            .nodes
            .iter()
            .map(|node| [self.entry(*node), vec![0; width]].concat());
        let nodes: Vec<_> = nodes.collect();
        let roots = [(0x81, nodes, 4), (0x80, blocks, 3)].map(|(kind, entries, numbers)| {
            let most = 480 / (numbers * width);
            let pages: Vec<_> = entries
                .chunks(most)
                .map(|entries| {
                    let key = entries[0][..width].to_vec();
                    [key, vec![0; width], self.page(kind, 0, entries)].concat()
                })
                .collect();
            self.page(kind, 1, &pages)
        });
        self.bytes[..4].copy_from_slice(b"!BDN");
        let (version, crypt, places) = match self.form {
            Form::Ansi => (15, 461, [188, 196]),
            _ => (23, 513, [224, 240]),
        };
        self.bytes[10] = version;
        self.bytes[crypt] = self.cipher as u8;
        for (place, root) in places.into_iter().zip(roots) {
            self.bytes[place..place + width].copy_from_slice(&root);
        }
        self.bytes
    }

    fn page(&mut self, kind: u8, level: u8, entries: &[Vec<u8>]) -> Vec<u8> {
        let place = self.bytes.len();
        let (room, trailer) = if self.form == Form::Ansi {
            (496, 500)
        } else {
            (488, 496)
        };
        let mut page = entries.concat();
        page.resize(512, 0);
        page[room] = u8::try_from(entries.len()).unwrap();
        page[room + 2] = u8::try_from(entries[0].len()).unwrap();
        page[room + 3] = level;
        page[trailer] = kind;
        self.bytes.extend(page);
        self.number(place as u64)
    }
}

/// The number of an item, counted from one.
fn hid(index: usize) -> u32 {
    u32::try_from(index << 5).unwrap()
}

fn item(items: &mut Vec<Vec<u8>>, bytes: &[u8]) -> u32 {
    items.push(bytes.to_vec());
    hid(items.len())
}

fn heap(kind: u8, root: usize, items: &[Vec<u8>]) -> Vec<u8> {
    let mut block = vec![0, 0, 0xEC, kind];
    block.extend(hid(root).to_le_bytes());
    block.extend([0; 4]);
    let mut ends = vec![block.len()];
    for item in items {
        block.extend(item);
        ends.push(block.len());
    }
    let map = u16::try_from(block.len()).unwrap();
    block[..2].copy_from_slice(&map.to_le_bytes());
    block.extend(u16::try_from(items.len()).unwrap().to_le_bytes());
    block.extend([0; 2]);
    block.extend(ends.iter().flat_map(|end| u16::try_from(*end).unwrap().to_le_bytes()));
    block
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn text(id: u16, text: &str) -> Property {
    (id, WIDE, Value::Bytes(wide(text)))
}

/// A file with a message that has a long body, recipients, a file and a message attached; then a contact.
fn sample(form: Form, cipher: Cipher) -> Vec<u8> {
    let mut writer = Writer::new(form, cipher);
    let recipients = writer.table(
        &[0x3001, 0x39FE],
        &[vec!["读者甲", "a@example.com"], vec!["读者乙", "b@example.com"]],
    );
    let file = [
        (0x3705, NUMBER, Value::Number(1)),
        text(0x3707, "附件.rtf"),
        (
            0x3701,
            BINARY,
            Value::Bytes(format!("{{\\rtf1 attached {}end}}", "x".repeat(300)).into_bytes()),
        ),
    ];
    let (file, below_file) = writer.properties(&file, Vec::new());
    let inner = writer.properties(&[text(0x0037, "内层主题"), text(0x1000, "内层正文")], Vec::new());
    let inner_id = FIRST_MESSAGE + 0x2000;
    let object = [&inner_id.to_le_bytes()[..], &[0; 4]].concat();
    let attached = [
        (0x3705, NUMBER, Value::Number(5)),
        (0x3701, OBJECT, Value::Bytes(object)),
    ];
    let (attached, below_attached) = writer.properties(&attached, vec![(inner_id, inner.0, inner.1)]);
    let body = format!("正文开始 {}正文结束", "第二行\r\n".repeat(40));
    writer.message(
        &[
            text(0x0037, "\u{1}\u{4}主题示例"),
            text(0x0C1A, "作者"),
            text(0x5D01, "author@example.com"),
            text(0x1000, &body),
        ],
        vec![
            (RECIPIENTS, recipients, 0),
            (FIRST_ATTACHMENT, file, below_file),
            (FIRST_ATTACHMENT + 0x20, attached, below_attached),
        ],
    );
    writer.message(
        &[
            (0x001A, NARROW, Value::Bytes(b"IPM.Contact".to_vec())),
            text(0x3001, "联系人"),
            text(0x3A1C, "13800138000"),
        ],
        Vec::new(),
    );
    writer.finish()
}

fn assert_whole(found: &Found) {
    assert_eq!((found.kind, found.stopped), (kind::PST, None));
    assert_in_order(
        found,
        &[
            "作者 author@example.com\n",
            "读者甲 a@example.com\n",
            "读者乙 b@example.com\n",
            "主题示例\n",
            "正文开始 第二行\n",
            "正文结束",
            "attached",
            "xend",
            "内层主题",
            "内层正文",
            "13800138000",
        ],
    );
}

#[test]
fn messages_are_read_with_what_is_attached_in_every_form() {
    for form in [Form::Unicode, Form::Ansi] {
        for cipher in [Cipher::Plain, Cipher::Permuted, Cipher::Cyclic] {
            assert_whole(&examined(&sample(form, cipher)));
        }
    }
}

#[test]
fn narrow_texts_are_decoded_by_the_message_s_codepage_or_by_their_look() {
    let mut writer = Writer::new(Form::Ansi, Cipher::Permuted);
    let narrow = |id, bytes: &[u8]| (id, NARROW, Value::Bytes(bytes.to_vec()));
    writer.message(
        &[
            (0x3FFD, NUMBER, Value::Number(950)),
            narrow(0x0037, b"\xA5\xDC\xA8\xD2"),
        ],
        Vec::new(),
    );
    writer.message(
        &[narrow(
            0x1000,
            b"\xCA\xBE\xC0\xFD\xCE\xC4\xB1\xBE\xA3\xAC\xC7\xEB\xC8\xB7\xC8\xCF\xA1\xA3",
        )],
        Vec::new(),
    );
    let found = examined(&writer.finish());
    assert_in_order(&found, &["示例", "示例文本，请确认。"]);
}

#[test]
fn a_file_whose_blocks_need_a_secret_is_encrypted() {
    let mut file = sample(Form::Unicode, Cipher::Plain);
    file[513] = 0x10;
    assert_eq!(examined(&file).encryption.state, EncryptionState::Encrypted);
}

#[test]
fn trees_that_lead_in_circles_end() {
    let mut file = sample(Form::Unicode, Cipher::Plain);
    for root in [224, 240] {
        let root: usize = u64::from_le_bytes(file[root..root + 8].try_into().unwrap())
            .try_into()
            .unwrap();
        // The first entry of the highest page leads to that page.
        let own = (root as u64).to_le_bytes();
        file[root + 16..root + 24].copy_from_slice(&own);
    }
    assert_eq!(examined(&file).stopped, Some(TextState::Malformed));
}

#[test]
fn what_lies_behind_a_broken_page_of_nodes_is_read() {
    let mut writer = Writer::new(Form::Unicode, Cipher::Plain);
    for index in 0..20 {
        writer.message(&[text(0x0037, &format!("主题{index}"))], Vec::new());
    }
    let mut file = writer.finish();
    let root: usize = u64::from_le_bytes(file[224..232].try_into().unwrap())
        .try_into()
        .unwrap();
    let first: usize = u64::from_le_bytes(file[root + 16..root + 24].try_into().unwrap())
        .try_into()
        .unwrap();
    file[first + 496] = 0;
    let found = examined(&file);
    assert_eq!(found.stopped, Some(TextState::Malformed));
    assert!(!found.text.captured.contains("主题0\n"));
    assert_in_order(&found, &["主题15", "主题19"]);
}
