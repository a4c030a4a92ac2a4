//! One way to encrypt connections: rustls with ring, bundled roots, and the roots that a caller adds.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::error::{Error, Result};

/// The configuration for a client, without ALPN.
pub(crate) fn client_config(extra_roots: &[CertificateDer<'static>]) -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in extra_roots {
        roots.add(certificate.clone()).map_err(|cause| {
            Error::config("extra_root", "is not a usable CA certificate: give it in PEM form")
                .with_source(cause)
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| Error::config("tls", "no usable TLS version").with_source(cause))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// The CA certificates of a text in PEM form.
pub(crate) fn certificates(field: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let wrong = || Error::config(field, "holds no CA certificate in PEM form");
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().map_err(|_| wrong())?;
    if found.is_empty() { Err(wrong()) } else { Ok(found) }
}
