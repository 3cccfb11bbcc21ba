//! LZ4 (its frame format 1.6.4): frame after frame; frames to be skipped are.

use std::io::{self, Read};

use lz4_flex::frame::{Error, FrameDecoder};

/// What a stream of frames unpacks to.
pub(super) struct Lz4Reader<R: Read> {
    decoder: FrameDecoder<R>,
}

impl<R: Read> Lz4Reader<R> {
    pub(super) fn new(stream: R) -> Self {
        Self {
            decoder: FrameDecoder::new(stream),
        }
    }

    /// Reads of the frame that is open, or of the next one; nothing at the end of either.
    fn read_frame(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let error = match self.decoder.read(buffer) {
                Ok(count) => return Ok(count),
                Err(error) => error,
            };
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
            let Some(Error::SkippableFrame(length)) = inner else {
                return Err(error);
            };
            let length = u64::from(*length);
            io::copy(&mut self.decoder.get_mut().take(length), &mut io::sink())?;
        }
    }
}

impl<R: Read> Read for Lz4Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Where one frame ends another may begin.
        match self.read_frame(buffer)? {
            0 if !buffer.is_empty() => self.read_frame(buffer),
            count => Ok(count),
        }
    }
}
