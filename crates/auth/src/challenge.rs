//! The nonce of `connect.challenge`: one for each socket, so that a signature is good for one connect only.

/// A new nonce: a random UUID, 122 bits.
pub fn nonce() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_sockets_get_the_same() {
        let (a, b) = (super::nonce(), super::nonce());
        assert_eq!(a.len(), 36);
        assert_ne!(a, b);
    }
}
