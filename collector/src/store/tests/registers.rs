use fileward_protocol::bundle::RegisteredDocument;
use fileward_protocol::ids::KeyedHash;

use super::*;
use crate::store::StoreError;
use crate::store::registers::MAX_DOCUMENTS;

fn document(number: u64) -> RegisteredDocument {
    let mut content = [0; 32];
    content[..8].copy_from_slice(&number.to_le_bytes());
    RegisteredDocument {
        content: KeyedHash(content),
        sketch: None,
    }
}

pub(super) async fn a_document_is_registered_once_whatever_it_is_called(store: Arc<dyn Store>) {
    let device = device(&*store).await;
    let policy = "format = 1".to_owned();
    store.publish_first_policy(policy, By::command_line()).await.unwrap();
    let before = store.bundle_parts(device).await.unwrap().serial;
    for name in ["报价单.docx", "报价单（终稿）.docx"] {
        let documents = vec![(name.to_owned(), document(1))];
        store.register_documents(documents, By::command_line()).await.unwrap();
    }
    let parts = store.bundle_parts(device).await.unwrap();
    let [row] = parts.filed.documents.as_slice() else {
        panic!("{:?}", parts.filed.documents);
    };
    assert_eq!(
        (row.name.as_str(), &row.fingerprint),
        ("报价单（终稿）.docx", &document(1))
    );
    assert!(parts.serial > before);

    store.remove_document(row.id, By::command_line()).await.unwrap();
    let after = store.bundle_parts(device).await.unwrap();
    assert!(after.filed.documents.is_empty() && after.serial > parts.serial);
    let again = store.remove_document(row.id, By::command_line()).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })));
}

pub(super) async fn no_more_documents_are_registered_than_devices_can_hold(store: Arc<dyn Store>) {
    let documents = |numbers: std::ops::RangeInclusive<u64>| {
        numbers
            .map(|number| (number.to_string(), document(number)))
            .collect::<Vec<_>>()
    };
    let register = |numbers| store.register_documents(documents(numbers), By::command_line());
    register(1..=MAX_DOCUMENTS).await.unwrap();
    assert!(matches!(register(0..=0).await, Err(StoreError::Conflict(_))));
    assert_eq!(store.filed().await.unwrap().documents.len() as u64, MAX_DOCUMENTS);
}
