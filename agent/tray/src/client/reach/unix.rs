//! A service that listens on a socket. A pipe's owner is tested where the service makes it and in `fileward-ipc`: one made
//! without a word about its owner has none under Wine.

use tokio::net::UnixListener;

use super::*;

#[tokio::test]
async fn the_users_own_service_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("agent.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    assert!(connect_to(&socket).await.is_ok());
    let error = connect_to(&folder.path().join("none")).await.unwrap_err();
    assert!(error.to_string().contains("Failed to connect"));
}
