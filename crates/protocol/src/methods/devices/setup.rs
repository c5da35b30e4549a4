//! Setup codes: one new device comes in by what its code says (protocol 4).

use crate::{
    field::{NonEmpty, Text},
    params, results, words,
};

words! {
    /// What a code's device shall be.
    pub enum SetupProfile: one_of {
        /// A node and an operator without `operator.admin`.
        Limited = "limited",
        /// A node.
        Node = "node",
    }

    /// What a code gives.
    pub enum SetupAccessName: any_of {
        /// A node and an operator who may administrate.
        Full = "full",
        /// A node and an operator who may not.
        Limited = "limited",
        /// A node.
        Node = "node",
    }

    /// How clients prove the shared secret of the gateway that a code leads to.
    pub enum SetupAuth: any_of {
        /// By a token.
        Token = "token",
        /// By a password.
        Password = "password",
        /// By a proxy that names the user.
        TrustedProxy = "trusted-proxy",
    }
}

params! {
    /// Makes a setup code of one use: base64url of JSON with the gateway's address and a secret that
    /// lets one new device in. It ends after ten minutes.
    #[derive(Default)]
    pub struct DevicePairSetupCodeParams {
        /// The address that the device shall use, for example `wss://claw.example.org`.
        public_url?: NonEmpty,
        /// Whether `gateway.remote.url` goes before an address of this machine.
        prefer_remote_url?: bool,
        /// Whether a picture of the code comes along; it does unless this is false.
        include_qr?: bool,
        /// What the device shall be; a node and an operator with every right when absent.
        bootstrap_profile?: SetupProfile,
        /// Whether an address to join by is wanted; refused, there is none in this build.
        join_url?: bool,
    }

    /// Asks what became of a setup code.
    pub struct DevicePairSetupStatusParams {
        /// The code's id.
        setup_id: Text<1, 128>,
    }
}

results! {
    /// A setup code.
    pub struct DevicePairSetupCodeResult {
        /// Its id, for `device.pair.setupStatus`.
        setup_id?: String,
        /// The code.
        setup_code: String,
        /// The same as a picture: a `data:` address of a PNG.
        qr_data_url?: String,
        /// The address in it.
        gateway_url: String,
        /// How the gateway asks for its shared secret.
        auth: SetupAuth,
        /// Where the address comes from.
        url_source: String,
        /// What the code gives.
        access?: SetupAccessName,
        /// Whether it gives less than was asked for, since the address is not encrypted.
        access_downgraded?: bool,
        /// When it ends, in milliseconds since 1970.
        expires_at_ms?: u64,
    }

    /// What became of a setup code; nothing while nobody has used it.
    #[derive(Default)]
    pub struct DevicePairSetupStatusResult {
        /// A device used it and has its tokens.
        completion?: SetupCompletion,
        /// A device used it and may not have got its tokens; make a new code.
        delivery_uncertain?: SetupCompletion,
    }

    /// Who used a setup code; also the payload of `device.pair.setup.completed`.
    #[derive(Eq)]
    pub struct SetupCompletion {
        /// The code's id.
        setup_id: String,
        /// The device.
        device_id: String,
        /// Its name.
        device_name?: String,
        /// What it got.
        access: SetupAccessName,
        /// When, in milliseconds since 1970.
        ts: u64,
    }
}
