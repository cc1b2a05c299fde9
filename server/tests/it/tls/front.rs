//! TLS in front of a sandbox's server: handshakes are real, bytes behind them go on as they are.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key, as PEM and as DER.
pub struct Signed {
    pub certificate: String,
    pub key: String,
    chain: Vec<CertificateDer<'static>>,
    secret: Vec<u8>,
}

impl Authority {
    /// With a name that no other one has.
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        Self::named(&format!("authority {}", COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    pub fn named(name: &str) -> Self {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// For a server that is reached by these names or addresses.
    pub fn server(&self, names: &[&str]) -> Signed {
        self.sign(names, "server", ExtendedKeyUsagePurpose::ServerAuth, None)
    }

    /// For a server, and no longer valid.
    pub fn expired(&self, names: &[&str]) -> Signed {
        self.sign(names, "server", ExtendedKeyUsagePurpose::ServerAuth, Some(2_020))
    }

    /// For a client of this name.
    pub fn client(&self, name: &str) -> Signed {
        self.sign(&[], name, ExtendedKeyUsagePurpose::ClientAuth, None)
    }

    fn sign(&self, names: &[&str], name: &str, usage: ExtendedKeyUsagePurpose, until: Option<i32>) -> Signed {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![usage];
        if let Some(year) = until {
            params.not_before = rcgen::date_time_ymd(year - 1, 1, 1);
            params.not_after = rcgen::date_time_ymd(year, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Signed {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            chain: vec![certificate.der().clone()],
            secret: key.serialize_der(),
        }
    }
}

/// A listener that speaks TLS.
pub struct Front {
    pub address: SocketAddr,
    /// Handshakes that succeeded.
    pub accepted: Arc<AtomicUsize>,
    how: Arc<Mutex<(Arc<ServerConfig>, CancellationToken)>>,
}

impl Front {
    /// In front of `upstream`, an `http` URL.
    pub async fn start(upstream: &str, own: &Signed, clients: Option<&Authority>) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let how = Arc::new(Mutex::new((tls(own, clients), CancellationToken::new())));
        let (count, shared) = (Arc::clone(&accepted), Arc::clone(&how));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (config, cut) = shared.lock().unwrap().clone();
                let (count, upstream) = (Arc::clone(&count), upstream.clone());
                tokio::spawn(async move {
                    let Ok(mut inside) = TlsAcceptor::from(config).accept(stream).await else { return };
                    count.fetch_add(1, Ordering::Relaxed);
                    let Ok(mut outside) = TcpStream::connect(upstream).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut inside, &mut outside) => {}
                        () = cut.cancelled() => {}
                    }
                });
            }
        });
        Self { address, accepted, how }
    }

    /// From now on another certificate, and other clients; what is connected is cut.
    pub fn change(&self, own: &Signed, clients: Option<&Authority>) {
        let before =
            std::mem::replace(&mut *self.how.lock().unwrap(), (tls(own, clients), CancellationToken::new()));
        before.1.cancel();
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

fn tls(own: &Signed, clients: Option<&Authority>) -> Arc<ServerConfig> {
    let builder = ServerConfig::builder();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.0.der().clone()).unwrap();
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
        }
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.secret.clone()));
    Arc::new(builder.with_single_cert(own.chain.clone(), key).unwrap())
}
