//! A wire between the log and PostgreSQL that a test can cut.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the wire does with its connections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// Carries both ways.
    Whole,
    /// Carries questions; cuts a connection when the server answers, and the answer with it.
    Deaf,
    /// Cuts all connections and takes no new ones.
    Dead,
}

/// Listens on a port of its own and carries to the server of `url`. Returns the url that leads through the wire.
pub(super) async fn through(url: &str) -> (String, watch::Sender<Wire>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (credentials, rest) = url.split_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let url = format!("{credentials}@{}/{database}", listener.local_addr().unwrap());
    let (state, wire) = watch::channel(Wire::Whole);
    let server = server.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            if *wire.borrow() != Wire::Dead {
                tokio::spawn(carry(client, server.clone(), wire.clone()));
            }
        }
    });
    (url, state)
}

async fn carry(client: TcpStream, server: String, wire: watch::Receiver<Wire>) {
    let server = TcpStream::connect(server).await.unwrap();
    let ((mut ask, mut tell), (mut answers, mut questions)) = (client.into_split(), server.into_split());
    let mut cut = wire.clone();
    let asked = async { copy(&mut ask, &mut questions).await };
    let answered = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = answers.read(&mut bytes).await {
            if *wire.borrow() != Wire::Whole || tell.write_all(&bytes[..length]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = asked => {}
        () = answered => {}
        _ = cut.wait_for(|wire| *wire == Wire::Dead) => {}
    }
}
