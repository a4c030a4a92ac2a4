//! The accept loop. It is written by hand so that connections can be counted, and ended in the middle of a call.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::gateway::{Hangup, Peer, Shared};

/// Accepts until it is dropped; dropping it ends every connection.
pub(crate) async fn run(listener: TcpListener, router: Router, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                connections.spawn(serve_connection(stream, peer, router.clone()));
            }
            Err(error) => {
                // Usually "too many open files": waiting a moment lets other connections end.
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(stream: TcpStream, peer: SocketAddr, router: Router) {
    // Answers are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let ended_by_fault = Arc::new(Mutex::new(None::<Hangup>));
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        let answer = router.call(request.map(Body::new));
        let ended_by_fault = ended_by_fault.clone();
        Box::pin(async move {
            let response = match answer.await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            match response.extensions().get::<Hangup>() {
                None => Ok(response),
                Some(hangup) => {
                    *ended_by_fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(*hangup);
                    // An error makes hyper stop without writing a byte.
                    Err(io::Error::other("ended by a fault"))
                }
            }
        })
    });
    let mut connection = http1::Builder::new()
        // Clients may keep a connection idle for as long as they like.
        .header_read_timeout(None)
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = poll_fn(|context| connection.poll_without_shutdown(context)).await {
        tracing::debug!(%error, "connection ended");
    }
    let stream = connection.into_parts().io.into_inner();
    if *ended_by_fault.lock().unwrap_or_else(PoisonError::into_inner) == Some(Hangup::Reset) {
        let _ = stream.set_zero_linger();
    }
}
