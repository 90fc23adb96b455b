//! Where a running process can be looked at: `/metrics`, `/healthz` and `/readyz` over HTTP.
//!
//! One thread with a runtime of its own, so that a slow reader holds up nothing but itself; a bounded number of
//! connections, each with a limited time for its request. There is neither encryption nor a password, and nothing here
//! names a bet or an account: bind it to this machine or to a network for operators.

use crate::runtime::clock::local_ms;
use crate::runtime::health::board;
use crate::runtime::metrics::{self as names, Kind};
use anyhow::Context;
use clap::Args;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Connections served at a time; more wait.
const CONNECTIONS_MAX: usize = 32;
/// How long a connection may take for a request, and for all.
const REQUEST_PATIENCE: Duration = Duration::from_secs(5);
const CONNECTION_PATIENCE: Duration = Duration::from_secs(60);
/// How often histogram samples are gathered when nobody asks.
const GATHER_EVERY: Duration = Duration::from_secs(5);

/// Where a process can be looked at.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Observability")]
pub struct ObserveArguments {
    /// Answer `/metrics`, `/healthz` and `/readyz` at this address, instead of the file's `observability.listen`. Port 0
    /// takes one that is free; the log names it.
    #[arg(long, value_name = "ADDRESS:PORT", env = "TOUCHLINE_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
}

/// Installs the recorder and starts to answer. Called before anything is counted; once a process.
pub fn start(address: SocketAddr) -> anyhow::Result<SocketAddr> {
    let handle = recorder()?;
    names::describe();
    metrics::gauge!(names::BUILD_INFO.name, "version" => env!("CARGO_PKG_VERSION"), "git" => option_env!("TOUCHLINE_GIT").unwrap_or("unknown"), "rustc" => env!("TOUCHLINE_RUSTC")).set(1.0);
    metrics::gauge!(names::START_TIME.name).set(local_ms() as f64 / 1_000.0);
    let listener = std::net::TcpListener::bind(address).with_context(|| {
        format!("--metrics-listen {address}: is another process there already? Port 0 takes a free one")
    })?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("observe".to_owned()).spawn(move || {
        if let Err(error) = runtime.block_on(serve(listener, handle)) {
            tracing::error!(%error, "the metrics endpoint has ended");
        }
    })?;
    if !bound.ip().is_loopback() {
        tracing::warn!(%bound, "the metrics endpoint is open to the network, without encryption or password");
    }
    tracing::info!("looked at: http://{bound}/metrics http://{bound}/healthz http://{bound}/readyz");
    Ok(bound)
}

fn recorder() -> anyhow::Result<PrometheusHandle> {
    let mut builder = PrometheusBuilder::new();
    for metric in names::ALL {
        if let Kind::Histogram(bounds) = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)?;
        }
    }
    Ok(builder.install_recorder()?)
}

async fn serve(listener: std::net::TcpListener, handle: PrometheusHandle) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let seats = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
    let gather = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(GATHER_EVERY).await;
            gather.run_upkeep();
        }
    });
    loop {
        let seat = Arc::clone(&seats).acquire_owned().await.expect("never closed");
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, say: not for ever.
                tracing::warn!(%error, "metrics connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let handle = handle.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let response = answer(&request, &handle);
                async move { Ok::<_, std::convert::Infallible>(response) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(REQUEST_PATIENCE)
                .serve_connection(TokioIo::new(stream), service);
            // A reader that hangs up or dawdles is its own affair.
            tokio::time::timeout(CONNECTION_PATIENCE, connection).await.ok();
            drop(seat);
        });
    }
}

fn answer(request: &Request<Incoming>, handle: &PrometheusHandle) -> Response<Full<Bytes>> {
    let (status, body) = page(request.method(), request.uri().path(), || handle.render());
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let text = hyper::header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    response.headers_mut().insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
    response
}

fn page(method: &Method, path: &str, render: impl FnOnce() -> String) -> (StatusCode, String) {
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned());
    }
    match path {
        "/metrics" => (StatusCode::OK, render()),
        "/healthz" => verdict("lives", &board().sick()),
        "/readyz" => verdict("ready", &board().unready()),
        _ => (StatusCode::NOT_FOUND, "there are /metrics, /healthz and /readyz\n".to_owned()),
    }
}

fn verdict(good: &str, why_not: &[String]) -> (StatusCode, String) {
    match why_not {
        [] => (StatusCode::OK, format!("{good}\n")),
        why => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", why.join("\n"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    fn get(address: SocketAddr, request: &str) -> String {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// One test, for there is one recorder a process.
    #[test]
    fn a_process_can_be_looked_at_over_http() {
        let address = start("127.0.0.1:0".parse().unwrap()).unwrap();
        let ask = |path: &str| get(address, &format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
        names::shard_taken(crate::wire::Role::Book, 3, 17, Duration::from_millis(1_500));
        metrics::histogram!(names::COMMIT_SECONDS.name, "role" => "book").record(0.004);
        let metrics = ask("/metrics");
        assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");
        for expected in [
            concat!("touchline_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\""),
            "# TYPE touchline_commit_seconds histogram",
            "touchline_commit_seconds_bucket{role=\"book\",le=\"0.005\"} 1",
            "touchline_recovery_seconds{role=\"book\",shard=\"3\"} 1.5",
            "# HELP touchline_recovery_seconds How long the last taking",
        ] {
            assert!(metrics.contains(expected), "{expected} is not in {metrics}");
        }
        assert!(!metrics.contains(env!("CARGO_MANIFEST_DIR")), "no machine's paths");
        assert!(ask("/healthz").ends_with("lives\n"));
        let ready = ask("/readyz");
        assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("no role runs here yet"), "{ready}");
        assert!(ask("/").starts_with("HTTP/1.1 404"));
        assert!(
            get(address, "POST /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                .starts_with("HTTP/1.1 405")
        );
        assert!(get(address, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
    }
}
