//! Frames: four bytes of length, little-endian, then JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest frame, in bytes.
pub const FRAME_LIMIT: u32 = 8 * 1024 * 1024;

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The other side is gone or the socket failed.
    #[error("the connection failed")]
    Io(#[from] std::io::Error),
    /// The other side does not speak this protocol.
    #[error("the other side sent something that is no message")]
    Malformed(#[from] serde_json::Error),
    /// A frame over [`FRAME_LIMIT`].
    #[error("a message of {0} bytes is over the limit of {FRAME_LIMIT}")]
    TooLarge(u64),
}

/// Writes one message.
///
/// # Errors
/// When the socket fails or the message is over [`FRAME_LIMIT`].
pub async fn write<T: Serialize>(to: &mut (impl AsyncWrite + Unpin), message: &T) -> Result<(), CodecError> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).ok().filter(|length| *length <= FRAME_LIMIT);
    let length = length.ok_or(CodecError::TooLarge(body.len() as u64))?;
    to.write_all(&length.to_le_bytes()).await?;
    to.write_all(&body).await?;
    to.flush().await?;
    Ok(())
}

/// Reads one message; `None` when the other side has closed between two messages.
///
/// # Errors
/// When the socket fails within a frame, or the frame is too large or no message.
pub async fn read<T: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<T>, CodecError> {
    let mut length = [0; 4];
    match from.read_exact(&mut length).await {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let length = u32::from_le_bytes(length);
    if length > FRAME_LIMIT {
        return Err(CodecError::TooLarge(u64::from(length)));
    }
    let mut body = vec![0; length as usize];
    from.read_exact(&mut body).await?;
    Ok(Some(serde_json::from_slice(&body)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ToService;

    #[tokio::test]
    async fn messages_arrive_as_sent_and_the_end_is_none() {
        let (mut here, mut there) = tokio::io::duplex(1024);
        write(&mut here, &ToService::Items).await.unwrap();
        write(&mut here, &ToService::Journal { after: 3 }).await.unwrap();
        drop(here);
        assert_eq!(read(&mut there).await.unwrap(), Some(ToService::Items));
        assert_eq!(read(&mut there).await.unwrap(), Some(ToService::Journal { after: 3 }));
        assert_eq!(read::<ToService>(&mut there).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_frame_over_the_limit_is_refused_before_it_is_read() {
        let (mut here, mut there) = tokio::io::duplex(64);
        here.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
        assert!(matches!(
            read::<ToService>(&mut there).await,
            Err(CodecError::TooLarge(_))
        ));
    }
}
