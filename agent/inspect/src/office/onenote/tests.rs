//! Sections by a small writer that follows the specification.

use fileward_policy::facts::TextState;
use fileward_protocol::vocabulary::EncryptionState;

use super::{FORM, PACKAGE};
use crate::examined::{assert_in_order, examined};
use crate::kind;

const PARAGRAPH: u32 = 0x1C00_1C22;
const NARROW: u32 = 0x1C00_3498;
/// Objects that one refers to.
const CHILDREN: u32 = 0x2400_1C20;
/// A set of properties within a set.
const SET: u32 = 0x4400_0001;
const NUMBER: u32 = 0x1400_0002;

const GUID: [u8; 16] = [7; 16];

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
}

/// A node: its number, how it refers to what, and what it says.
struct Node(u32, Option<(u64, u64, bool)>, Vec<u8>);

impl Writer {
    fn new() -> Self {
        Self { bytes: vec![0; 1024] }
    }

    /// Writes data; gives its place and length.
    fn data(&mut self, bytes: &[u8]) -> (u64, u64, bool) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.bytes.len() as u64;
        self.bytes.extend(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        (at, self.bytes.len() as u64 - at, false)
    }

    /// Writes a list of nodes, its last one in a fragment of its own.
    fn list(&mut self, nodes: &[Node]) -> (u64, u64, bool) {
        let (last, first) = nodes.split_last().unwrap();
        let last = self.fragment(std::slice::from_ref(last), None);
        let (at, len, _) = self.fragment(first, Some(last));
        (at, len, true)
    }

    fn fragment(&mut self, nodes: &[Node], next: Option<(u64, u64, bool)>) -> (u64, u64, bool) {
        let mut bytes = 0xA456_7AB1_F5F7_F4C4_u64.to_le_bytes().to_vec();
        bytes.extend([0x10, 0, 0, 0, 0, 0, 0, 0]);
        for node in nodes {
            bytes.extend(node.bytes());
        }
        bytes.extend(0xFF_u32.to_le_bytes());
        bytes.resize((bytes.len() + 20).next_multiple_of(8) - 20, 0);
        let (at, len, _) = next.unwrap_or((u64::MAX, 0, true));
        bytes.extend(at.to_le_bytes());
        bytes.extend(u32::try_from(len).unwrap().to_le_bytes());
        bytes.extend(0x8BC2_15C3_8233_BA4B_u64.to_le_bytes());
        self.data(&bytes)
    }

    /// Writes a group of objects: the number of each, what it is, and its properties.
    fn group(&mut self, objects: &[(u8, u32, Vec<u8>)]) -> Node {
        let mut nodes = vec![
            Node(0x0B4, None, vec![0; 20]),
            Node(0x022, None, Vec::new()),
            Node(0x024, None, [&3_u32.to_le_bytes()[..], &GUID].concat()),
        ];
        for (number, kind, properties) in objects {
            let data = self.data(properties);
            let body = [&short(*number).to_le_bytes()[..], &kind.to_le_bytes(), &[0, 1]].concat();
            nodes.push(Node(0x0A4, Some(data), body));
        }
        nodes.push(Node(0x0B8, None, Vec::new()));
        let list = self.list(&nodes);
        Node(0x0B0, Some(list), vec![0; 20])
    }

    /// Writes a page with these revisions, each with what it begins with, after a list of revisions that is not valid any more.
    fn page(&mut self, revisions: &[Node]) -> Node {
        let old = self.group(&[(1, 0, object(&[(PARAGRAPH, wide("过时"))], &[]))]);
        let old = self.list(&[Node(0x014, None, vec![0; 24]), old, root()]);
        let list = self.list(revisions);
        let manifest = [
            Node(0x00C, None, vec![0; 20]),
            Node(0x010, Some(old), Vec::new()),
            Node(0x010, Some(list), Vec::new()),
        ];
        let manifest = self.list(&manifest);
        Node(0x008, Some(manifest), vec![0; 20])
    }

    fn finish(mut self, nodes: &[Node]) -> Vec<u8> {
        let (at, len, _) = self.list(nodes);
        self.bytes[..16].copy_from_slice(b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3");
        self.bytes[48..64].copy_from_slice(&FORM);
        self.bytes[172..180].copy_from_slice(&at.to_le_bytes());
        self.bytes[180..184].copy_from_slice(&u32::try_from(len).unwrap().to_le_bytes());
        self.bytes
    }
}

impl Node {
    /// References are as short as their form allows: eighths in four and two bytes.
    fn bytes(&self) -> Vec<u8> {
        let Self(kind, reference, data) = self;
        let (mut body, mut forms) = (Vec::new(), 0);
        if let Some((at, len, is_list)) = reference {
            body.extend(u32::try_from(at / 8).unwrap().to_le_bytes());
            body.extend(u16::try_from(len / 8).unwrap().to_le_bytes());
            forms = 3 << 23 | 3 << 25 | (1 + u32::from(*is_list)) << 27;
        }
        body.extend(data);
        let size = u32::try_from(body.len() + 4).unwrap();
        [&(kind | size << 10 | forms).to_le_bytes()[..], &body].concat()
    }
}

fn short(number: u8) -> u32 {
    u32::from(number) | 3 << 8
}

fn wide(text: &str) -> Vec<u8> {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&u32::try_from(bytes.len()).unwrap().to_le_bytes()[..], &bytes].concat()
}

/// An object with these properties, that refers to these others.
fn object(properties: &[(u32, Vec<u8>)], others: &[u8]) -> Vec<u8> {
    let mut bytes = (u32::try_from(others.len()).unwrap() | 1 << 31).to_le_bytes().to_vec();
    bytes.extend(others.iter().flat_map(|other| short(*other).to_le_bytes()));
    bytes.extend(set(properties));
    bytes
}

fn set(properties: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = u16::try_from(properties.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(properties.iter().flat_map(|(id, _)| id.to_le_bytes()));
    bytes.extend(properties.iter().flat_map(|(_, value)| value.clone()));
    bytes
}

fn parent(others: &[u8]) -> Vec<u8> {
    let count = u32::try_from(others.len()).unwrap().to_le_bytes().to_vec();
    object(&[(CHILDREN, count)], others)
}

fn root() -> Node {
    Node(0x05A, None, [&GUID[..], &[1, 0, 0, 0], &[1, 0, 0, 0]].concat())
}

fn begin(context: u8) -> Node {
    Node(0x01F, None, [vec![0; 48], vec![context; 20]].concat())
}

fn end() -> Node {
    Node(0x01C, None, Vec::new())
}

/// A section with a page in two revisions and one of its past, a table on it, and a file.
fn sample() -> Vec<u8> {
    let mut writer = Writer::new();
    let within = object(
        &[
            (SET, set(&[(NUMBER, vec![1, 2, 3, 4]), (PARAGRAPH, wide("集合里"))])),
            (NARROW, [&8_u32.to_le_bytes()[..], b"narrow \0"].concat()),
        ],
        &[],
    );
    let paragraph = |text: &str| object(&[(PARAGRAPH, wide(text))], &[]);
    let first = writer.group(&[
        (1, 0, parent(&[2, 3, 4, 1])),
        (2, 0, paragraph("旧的题目")),
        (3, 0x0006_0022, parent(&[10, 11])),
        (4, 0, within),
        (5, 0, paragraph("删掉的")),
        (10, 0x0006_0023, parent(&[12, 13])),
        (11, 0x0006_0023, parent(&[14])),
        (12, 0x0006_0024, parent(&[22])),
        (13, 0x0006_0024, parent(&[23])),
        (14, 0x0006_0024, parent(&[24])),
        (22, 0, paragraph("姓名")),
        (23, 0, paragraph("手机号")),
        (24, 0, paragraph("13800138000")),
    ]);
    let second = writer.group(&[(2, 0, paragraph("新的题目"))]);
    let past = writer.group(&[(2, 0, paragraph("过去的题目"))]);
    let page = writer.page(&[
        begin(0),
        first,
        root(),
        end(),
        begin(0),
        second,
        end(),
        begin(5),
        past,
        end(),
    ]);
    let file = b"{\\rtf1 attached}";
    let mut stored = vec![0; 36];
    stored[16] = u8::try_from(file.len()).unwrap();
    stored.extend(file);
    let stored = writer.data(&stored);
    let files = writer.list(&[
        Node(0x094, Some(stored), vec![0; 16]),
        Node(0x094, Some(stored), vec![0; 16]),
    ]);
    writer.finish(&[
        Node(0x004, None, vec![0; 20]),
        page,
        Node(0x090, Some(files), Vec::new()),
    ])
}

#[test]
fn a_page_is_read_as_its_last_revision_has_it() {
    let found = examined(&sample());
    assert_eq!((found.kind, found.stopped), (kind::ONE, None));
    assert_in_order(
        &found,
        &[
            "新的题目\n",
            "姓名\t手机号\n13800138000\n",
            "集合里\nnarrow \u{C}",
            "attached",
        ],
    );
    for gone in ["旧的", "过去", "过时", "删掉"] {
        assert!(!found.text.captured.contains(gone), "{gone}");
    }
}

#[test]
fn a_section_with_a_key_is_encrypted() {
    let mut writer = Writer::new();
    let group = writer.group(&[(1, 0, object(&[(PARAGRAPH, wide("密文"))], &[]))]);
    let page = writer.page(&[begin(0), group, Node(0x07C, None, Vec::new()), root(), end()]);
    let found = examined(&writer.finish(&[Node(0x004, None, vec![0; 20]), page]));
    assert_eq!(found.encryption.state, EncryptionState::Encrypted);
    assert_eq!(found.text.captured, "");
}

#[test]
fn a_list_that_goes_on_in_itself_ends() {
    let mut writer = Writer::new();
    let group = writer.group(&[(1, 0, object(&[(PARAGRAPH, wide("正文"))], &[]))]);
    let page = writer.page(&[begin(0), group, root(), end()]);
    let mut file = writer.finish(&[Node(0x004, None, vec![0; 20]), page]);
    let start = usize::try_from(u64::from_le_bytes(file[172..180].try_into().unwrap())).unwrap();
    let len = usize::try_from(u32::from_le_bytes(file[180..184].try_into().unwrap())).unwrap();
    let own = file[172..184].to_vec();
    file[start + len - 20..start + len - 8].copy_from_slice(&own);
    assert_eq!(examined(&file).stopped, Some(TextState::TooLarge));
}

/// A long number, written short.
fn id(number: u8) -> Vec<u8> {
    [&[number << 3 | 4][..], &GUID].concat()
}

/// A number of one byte.
fn compact(number: usize) -> u8 {
    u8::try_from(number << 1 | 1).unwrap()
}

/// An element: its kind, its own bytes, and what is within it.
fn element(kind: u32, own: &[u8], within: &[Vec<u8>]) -> Vec<u8> {
    let len = u32::try_from(own.len()).unwrap();
    let end = u8::try_from(kind << 2 | 1).unwrap();
    let is_compound = matches!(kind, 0x01 | 0x1D | 0x1E);
    let start = (2 | u32::from(is_compound) << 2 | kind << 3 | len << 17).to_le_bytes();
    let end = if is_compound { vec![end] } else { Vec::new() };
    [&start[..], own, &within.concat(), &end].concat()
}

fn data_element(number: u8, kind: usize, within: &[Vec<u8>]) -> Vec<u8> {
    element(1, &[&id(number)[..], &[0, compact(kind)]].concat(), within)
}

/// A group of objects: the number of each, the numbers that it refers to, and its properties.
fn object_group(number: u8, objects: &[(u8, &[u8], Vec<u8>)]) -> Vec<u8> {
    let declared: Vec<_> = objects
        .iter()
        .map(|(number, ..)| element(0x18, &[&id(*number)[..], &[compact(1), 1, 1, 1]].concat(), &[]))
        .collect();
    let data: Vec<_> = objects
        .iter()
        .map(|(_, others, data)| {
            let mut own = vec![compact(others.len())];
            own.extend(others.iter().flat_map(|other| id(*other)));
            own.extend([compact(0), compact(data.len())]);
            own.extend(data);
            element(0x16, &own, &[])
        })
        .collect();
    data_element(number, 5, &[element(0x1D, &[], &declared), element(0x1E, &[], &data)])
}

/// A section as servers hand it out: a page of two revisions and a file.
fn served(root: u8) -> Vec<u8> {
    let context = b"\x0C\xB9\xFA\xDE\x84\xA3\xAA\x0D\x4A\xA3\xA8\x52\x0C\x77\xAC\x70\x73";
    let paragraph = |text: &str| object(&[(PARAGRAPH, wide(text))], &[]);
    let revision = |number, own, base: &[u8], within: &[Vec<u8>]| {
        let head = element(0x1A, &[&id(own)[..], base].concat(), &[]);
        data_element(number, 4, &[&[head], within].concat())
    };
    let file = b"{\\rtf1 attached}";
    let elements = [
        data_element(
            1,
            1,
            &[
                element(0x0E, &[&context[..], &id(2), &id(10), &[0]].concat(), &[]),
                element(0x0E, &[&id(9)[..], &id(2), &id(19), &[0]].concat(), &[]),
                element(0x0D, &[&id(21)[..], &id(11), &[0]].concat(), &[]),
                element(0x0D, &[&id(22)[..], &id(12), &[0]].concat(), &[]),
            ],
        ),
        data_element(10, 3, &[element(0x0B, &id(22), &[])]),
        revision(11, 21, &[0], &[element(0x19, &id(14), &[])]),
        revision(
            12,
            22,
            &id(21),
            &[
                element(0x0A, &[id(root), id(1)].concat(), &[]),
                element(0x19, &id(15), &[]),
            ],
        ),
        object_group(
            14,
            &[
                (1, &[3, 2], parent(&[1, 2])),
                (2, &[], paragraph("旧的题目")),
                (3, &[], paragraph("正文")),
            ],
        ),
        object_group(15, &[(2, &[], paragraph("新的题目"))]),
        data_element(
            16,
            10,
            &[element(0x02, &[&[compact(file.len())][..], file].concat(), &[])],
        ),
    ];
    let mut section = vec![0; 68];
    section[..16].copy_from_slice(b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3");
    section[48..64].copy_from_slice(&PACKAGE);
    section.extend(elements.concat());
    // The end of all elements; what is behind it is none.
    section.extend([0x55, 2, 2]);
    section
}

#[test]
fn a_section_from_a_server_is_read() {
    let found = examined(&served(1));
    assert_eq!((found.kind, found.stopped), (kind::ONE, None));
    assert_in_order(&found, &["正文\n", "新的题目", "attached"]);
    assert!(!found.text.captured.contains("旧的"));
}

#[test]
fn a_section_from_a_server_with_a_key_is_encrypted() {
    let found = examined(&served(3));
    assert_eq!(found.encryption.state, EncryptionState::Encrypted);
    assert!(!found.text.captured.contains("正文"));
}
