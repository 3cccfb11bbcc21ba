//! A proxy that notes where it is asked to go, and goes to one server on loopback instead.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The proxy; it ends with the test's process.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = tunnel(stream, server, &sink);
            }
        });
        Self { port, asked }
    }

    /// Where it was asked to go.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn tunnel(mut client: TcpStream, server: u16, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    asked.lock().unwrap().push(target.unwrap_or_default().to_owned());
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line)?;
    }
    let server = TcpStream::connect(("127.0.0.1", server))?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut back, mut there) = (server.try_clone()?, client);
    std::thread::spawn(move || {
        let _ = io::copy(&mut back, &mut there);
        let _ = there.shutdown(Shutdown::Write);
    });
    let mut server = server;
    io::copy(&mut reader, &mut server)?;
    server.shutdown(Shutdown::Write)
}
