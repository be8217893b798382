//! Encrypted connections: rustls, and the certificate authorities of the system.

use super::ClientError;
use rustls::pki_types::{IpAddr, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Trusts the authorities that the system trusts. Certificates that can't be read are passed over:
/// systems have some.
pub fn system() -> Result<Arc<ClientConfig>, rustls::Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        tracing::debug!("the system trusts no certificate authority, so no https:// can be called");
    }
    trusting(roots)
}

/// Trusts these authorities. HTTP/1.1 is what is asked for.
pub fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config?.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The other side must prove that it is `host`, whatever address was connected to.
pub(super) async fn connect(
    trust: &Arc<ClientConfig>,
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, ClientError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let name = match bare.parse::<std::net::IpAddr>() {
        Ok(address) => ServerName::IpAddress(IpAddr::from(address)),
        Err(_) => ServerName::try_from(bare.to_owned()).map_err(|_| ClientError::BadUrl)?,
    };
    let connected = TlsConnector::from(Arc::clone(trust)).connect(name, stream).await;
    connected.map_err(ClientError::Unencrypted)
}

#[cfg(test)]
mod tests;
