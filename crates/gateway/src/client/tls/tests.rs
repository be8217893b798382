use super::*;
use crate::client::{Client, ClientLimits, Target};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::process::Command;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A certificate for 127.0.0.1 and its key, as PEM.
fn certificate() -> (Vec<u8>, Vec<u8>) {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = (directory.path().join("test.crt"), directory.path().join("test.key"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-out"])
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (std::fs::read(certificate).unwrap(), std::fs::read(key).unwrap())
}

fn roots(certificate: &[u8]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(certificate) {
        roots.add(certificate.unwrap()).unwrap();
    }
    roots
}

/// A receiver that answers every encrypted request; its port.
async fn receiver(certificate: &[u8], key: &[u8]) -> u16 {
    let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut read = Vec::new();
            while !read.ends_with(b"{}") {
                read.push(stream.read_u8().await.unwrap());
            }
            let _ = stream.write_all(b"HTTP/1.1 202 Accepted\r\n\r\n").await;
        }
    });
    port
}

async fn post(trust: Arc<ClientConfig>, url: &str) -> Result<StatusCode, ClientError> {
    let client = Client::trusting(ClientLimits::default(), trust);
    let target = Target::resolve_whole(url, |_| true).await?;
    client.post(&target, HeaderMap::new(), Bytes::from_static(b"{}")).await
}

#[tokio::test]
async fn only_who_proves_to_be_the_named_one_is_told_anything() {
    let (certificate, key) = certificate();
    let port = receiver(&certificate, &key).await;
    let own = trusting(roots(&certificate)).unwrap();
    let named = format!("https://127.0.0.1:{port}/");
    assert_eq!(post(Arc::clone(&own), &named).await.unwrap(), StatusCode::ACCEPTED);
    // Another name for the same address, and nobody whom we know to vouch for it.
    let other = post(own, &format!("https://localhost:{port}/")).await;
    let unknown = post(trusting(RootCertStore::empty()).unwrap(), &named).await;
    let system = post(system().unwrap(), &named).await;
    for answer in [other, unknown, system] {
        let error = answer.unwrap_err();
        assert!(matches!(error, ClientError::Unencrypted(_)), "{error:?}");
        assert!(error.is_before_sending());
    }
}

#[tokio::test]
async fn without_trust_nothing_encrypted_is_called() {
    let target = Target::resolve_whole("https://127.0.0.1:1/", |_| true).await.unwrap();
    let bound = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("https://{}/", bound.local_addr().unwrap());
    let reachable = Target::resolve_whole(&here, |_| true).await.unwrap();
    for target in [target, reachable] {
        let answer = Client::default().post(&target, HeaderMap::new(), Bytes::new()).await;
        assert!(answer.unwrap_err().is_before_sending());
    }
}
