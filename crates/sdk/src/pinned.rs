//! TLS to a gateway whose certificate is known by its fingerprint, whoever has signed it.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest as _, Sha256};

use crate::{
    Error,
    dial::{self, BoxFuture, Dial, Io},
};

/// TLS to the one gateway whose certificate has this fingerprint; never without TLS.
#[derive(Debug, Clone)]
pub struct PinnedDial(Arc<Pinned>);

impl PinnedDial {
    /// A SHA-256 of the certificate in hex, colons and a leading `sha256:` or not; `None` if it is none.
    pub fn parse(fingerprint: &str) -> Option<Self> {
        let text = fingerprint.trim().to_ascii_lowercase();
        let text = text.strip_prefix("sha256:").unwrap_or(&text).replace(':', "");
        let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
        let pair = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        };
        let bytes = text.as_bytes().chunks(2).map(pair).collect::<Option<Vec<u8>>>()?;
        let digest = bytes.try_into().ok()?;
        Some(Self(Arc::new(Pinned { digest, provider: Arc::new(ring::default_provider()) })))
    }

    fn config(&self) -> Result<ClientConfig, rustls::Error> {
        let verifier = Arc::clone(&self.0);
        Ok(ClientConfig::builder_with_provider(Arc::clone(&verifier.provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth())
    }
}

impl Dial for PinnedDial {
    fn dial<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Box<dyn Io>, Error>> {
        Box::pin(async move {
            if !url.starts_with("wss://") {
                let reason = "a certificate's fingerprint needs wss://".to_owned();
                return Err(Error::Url { url: url.to_owned(), reason });
            }
            dial::open(url, || self.config()).await
        })
    }
}

/// Takes the certificate with this digest and no other.
#[derive(Debug)]
struct Pinned {
    digest: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *Sha256::digest(certificate) == self.digest {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    // That the server holds the certificate's key is checked as with any other.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of no certificate in particular.
    const OF: &str = "Sha256:33:28:4b:9e:a8:e7:bf:07:06:2b:6a:5f:2b:46:05:e8:8e:a4:b9:4d:f4:2d:a9:79:a2:cc:2f:45:3c:dc:c4:2d";

    #[test]
    fn one_certificate_is_taken_and_no_other() {
        let digest = Sha256::digest(b"certificate");
        let text = digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
        let pinned = PinnedDial::parse(&format!("SHA256:{text}")).unwrap();
        let name = ServerName::try_from("gateway").unwrap();
        let verify = |bytes: &'static [u8]| {
            let now = UnixTime::since_unix_epoch(std::time::Duration::ZERO);
            pinned.0.verify_server_cert(&CertificateDer::from(bytes), &[], &name, &[], now)
        };
        assert!(verify(b"certificate").is_ok());
        assert!(verify(b"certificates").is_err());
        pinned.config().unwrap();
    }

    #[test]
    fn a_fingerprint_has_64_digits() {
        assert!(PinnedDial::parse(OF).is_some());
        for bad in ["", "sha256:", "00", &OF[..OF.len() - 1], &format!("{OF}:00"), "zz"] {
            assert!(PinnedDial::parse(bad).is_none(), "{bad}");
        }
    }

    #[tokio::test]
    async fn nothing_goes_over_plain_tcp() {
        let pinned = PinnedDial::parse(OF).unwrap();
        let Err(Error::Url { reason, .. }) = pinned.dial("ws://127.0.0.1:1").await else {
            panic!("it must not connect")
        };
        assert_eq!(reason, "a certificate's fingerprint needs wss://");
    }
}
