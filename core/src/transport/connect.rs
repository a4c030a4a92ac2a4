//! The way to the service: TCP, a proxy where one is set, TLS. Not a byte of a request leaves before it stands.

use std::sync::Arc;
use std::time::Duration;

use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tower_service::Service;
use url::Url;

use crate::config::{Identity, Settings};
use crate::connection::{self, BoxError, Sender, Stream, Tcp};
use crate::error::{Error, Result};
use crate::tls;

/// A peer that vanished without a word is noticed after about a minute, idle or not.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVE_PROBES: u32 = 3;

type Direct = HttpsConnector<Tcp>;

/// How connections to the one origin of a client come about. Chosen once: neither the environment nor an answer can
/// send the key elsewhere later.
pub(super) struct Way {
    origin: Uri,
    host: HeaderValue,
    route: Route,
}

enum Route {
    Direct(Direct),
    /// Plain http through a proxy, which reads the request and passes it on.
    Forwarded {
        connector: Direct,
        proxy: Uri,
        credentials: Option<HeaderValue>,
    },
    /// TLS to the service through a `CONNECT` of the proxy, which sees neither key nor request.
    Tunnelled(HttpsConnector<Tunnel<Direct>>),
}

impl Way {
    pub(super) fn new(identity: &Identity, settings: &Settings) -> Result<Self> {
        let origin = origin_of(&identity.base_url)?;
        let host = host_of(&identity.base_url)?;
        let tls = Arc::new(tls_config(settings)?);
        let connector = Direct::from((tcp(settings), Arc::clone(&tls)));
        let route = match proxy(&origin, identity, settings)? {
            None => Route::Direct(connector),
            Some(found) if origin.scheme() == Some(&Scheme::HTTPS) => {
                let mut tunnel = Tunnel::new(found.uri().clone(), connector);
                if let Some(credentials) = found.basic_auth() {
                    tunnel = tunnel.with_auth(credentials.clone());
                }
                Route::Tunnelled((tunnel, tls).into())
            }
            Some(found) => Route::Forwarded {
                connector,
                proxy: found.uri().clone(),
                credentials: found.basic_auth().cloned(),
            },
        };
        Ok(Self { origin, host, route })
    }

    /// What `Host` says.
    pub(super) fn host(&self) -> HeaderValue {
        self.host.clone()
    }

    /// What a proxy that reads the requests is told.
    pub(super) fn proxy_credentials(&self) -> Option<HeaderValue> {
        match &self.route {
            Route::Forwarded { credentials, .. } => credentials.clone(),
            Route::Direct(_) | Route::Tunnelled(_) => None,
        }
    }

    /// The request's target: the path alone, or all of it for a proxy that reads it.
    pub(super) fn target(&self, path: PathAndQuery) -> Uri {
        let Route::Forwarded { .. } = self.route else {
            return path.into();
        };
        let mut parts = self.origin.clone().into_parts();
        parts.path_and_query = Some(path.clone());
        Uri::from_parts(parts).unwrap_or_else(|_| path.into())
    }

    /// A new connection, its driver running on the runtime at hand.
    pub(super) async fn open(&self) -> Result<Sender, BoxError> {
        match &self.route {
            Route::Direct(connector) => speak(connector.clone(), self.origin.clone()).await,
            Route::Forwarded { connector, proxy, .. } => speak(connector.clone(), proxy.clone()).await,
            Route::Tunnelled(connector) => speak(connector.clone(), self.origin.clone()).await,
        }
    }
}

/// Drives the connection on the runtime at hand.
async fn speak<C>(connector: C, to: Uri) -> Result<Sender, BoxError>
where
    C: Service<Uri, Error = BoxError>,
    C::Response: Stream + 'static,
{
    let (sender, driver) = connection::open(connector, to).await?;
    // How it ends is told to the request on it, where there is one.
    tokio::spawn(driver);
    Ok(sender)
}

fn tcp(settings: &Settings) -> Tcp {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(settings.connect_timeout));
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_keepalive_interval(Some(KEEPALIVE));
    tcp.set_keepalive_retries(Some(KEEPALIVE_PROBES));
    #[cfg(any(target_os = "android", target_os = "linux"))]
    tcp.set_tcp_user_timeout(Some(2 * KEEPALIVE));
    Tcp::new(tcp)
}

/// The proxy to use. One of the environment is for the outside: the key must not go there on its way to this machine.
fn proxy(origin: &Uri, identity: &Identity, settings: &Settings) -> Result<Option<Intercept>> {
    let matcher = match &settings.proxy {
        Some(given) => Matcher::builder().all(given.expose().as_str()).build(),
        None if identity.is_loopback() => return Ok(None),
        None => Matcher::from_env(),
    };
    let found = matcher.intercept(origin);
    let is_usable = match &found {
        Some(proxy) => {
            let is_http = matches!(proxy.uri().scheme_str(), Some("http" | "https"));
            is_http && Url::parse(&proxy.uri().to_string()).is_ok_and(|url| url.has_host())
        }
        None => settings.proxy.is_none(),
    };
    match is_usable {
        true => Ok(found),
        false => Err(Error::config(
            "proxy",
            "is not a proxy address: give http://host:port or https://host:port, here or in the environment",
        )),
    }
}

/// `scheme://host:port`, as the base URL's own parser has understood it.
fn origin_of(base: &Url) -> Result<Uri> {
    base[..url::Position::BeforePath]
        .parse::<Uri>()
        .ok()
        .filter(|origin| origin.host().is_some() && origin.scheme().is_some())
        .ok_or_else(|| Error::config("base_url", "has a host that cannot be called: give https://host"))
}

fn host_of(base: &Url) -> Result<HeaderValue> {
    // Without the port where it is the scheme's own.
    HeaderValue::from_str(&base[url::Position::BeforeHost..url::Position::AfterPort])
        .map_err(|_| Error::config("base_url", "has a host that cannot be called: give https://host"))
}

/// One explicit provider and bundled roots; nothing is installed for the whole process (docs/adr/0002).
fn tls_config(settings: &Settings) -> Result<rustls::ClientConfig> {
    let mut config = tls::client_config(&settings.extra_roots)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
