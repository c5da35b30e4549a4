//! Where the devices are asked for: the gateway, or its state directory while none runs.

use openclaw_gateway::{GatewayError, OfflineDevices};
use openclaw_protocol::{
    Method,
    methods::{
        audit::AuditListParams,
        devices::{
            DevicePairApproveParams, DevicePairListParams, DevicePairRejectParams,
            DevicePairRemoveParams, DevicePairRenameParams, DeviceTokenRevokeParams,
            DeviceTokenRotateParams,
        },
    },
};
use openclaw_sdk::Error;
use serde_json::Value;

use crate::{
    args::AskArgs,
    commands::Context,
    connect::{ALL, Gateway, Manner, Target, typed},
    failure::Failure,
    output,
    settings::Settings,
};

/// Who answers.
pub(crate) enum Place {
    Gateway(Box<Gateway>),
    Folder(Box<OfflineDevices>),
}

/// A method that can be done on the state directory too.
pub(crate) trait Offline: Method + Sync {
    async fn on(self, devices: &OfflineDevices) -> Result<Self::Result, GatewayError>;
}

impl Offline for DevicePairListParams {
    async fn on(self, devices: &OfflineDevices) -> Result<Self::Result, GatewayError> {
        devices.list().await
    }
}

macro_rules! offline {
    ($($params:ty => $method:ident),*) => {
        $(impl Offline for $params {
            async fn on(self, devices: &OfflineDevices) -> Result<Self::Result, GatewayError> {
                devices.$method(&self).await
            }
        })*
    };
}

offline! {
    DevicePairApproveParams => approve,
    DevicePairRejectParams => reject,
    DevicePairRemoveParams => remove,
    DevicePairRenameParams => rename,
    DeviceTokenRotateParams => rotate,
    DeviceTokenRevokeParams => revoke,
    AuditListParams => audit
}

impl Place {
    /// The gateway that is meant. One of this machine that does not run is not needed.
    pub(crate) async fn find(cx: &Context, args: &AskArgs) -> Result<Self, Failure> {
        let settings = cx.settings()?;
        let target = Target::find(&settings, &args.remote)?;
        let manner = Manner::visit(ALL, args.timeout);
        match Gateway::reach(&settings, target.clone(), manner).await {
            Ok(gateway) => Ok(Self::Gateway(Box::new(gateway))),
            Err(error) if target.mode == "local" && is_silent(&error) => {
                folder(&settings, &target.explain(error))
            }
            Err(error) => Err(target.explain(error)),
        }
    }

    /// Does one thing.
    pub(crate) async fn ask<M: Offline>(&self, params: Value) -> Result<Value, Failure> {
        match self {
            Self::Gateway(gateway) => gateway.ask::<M>(params).await,
            Self::Folder(devices) => {
                let params = typed::<M>(M::SPEC.name, params)?;
                let done = params.on(devices).await;
                let done = done.map_err(|error| Failure::new("REFUSED", error.to_string()))?;
                serde_json::to_value(done)
                    .map_err(|error| Failure::new("ENCODE", error.to_string()))
            }
        }
    }

    /// The device that this command itself came with, when it came with one.
    pub(super) fn own_device(&self) -> Option<&str> {
        match self {
            Self::Gateway(gateway) => gateway.device.as_deref(),
            Self::Folder(_) => None,
        }
    }
}

/// Whether nobody, or nobody who speaks of this, is at the gateway's address.
fn is_silent(error: &Error) -> bool {
    matches!(error, Error::Connect { .. } | Error::Timeout { .. } | Error::Upgrade { .. })
}

fn folder(settings: &Settings, unreachable: &Failure) -> Result<Place, Failure> {
    let dir = &settings.paths.state_dir;
    let devices = OfflineDevices::open(dir).map_err(|error| match error {
        GatewayError::Locked { holder, .. } => {
            let who = holder.map_or_else(String::new, |holder| format!(" (process {})", holder.pid));
            let why = &unreachable.message;
            Failure::new(
                "GATEWAY_UNREACHABLE",
                format!("a gateway{who} holds {} but cannot be asked: {why}; or stop it with `openclaw gateway stop` and try again", dir.display()),
            )
        }
        GatewayError::State { .. } => unreachable.again(),
        error => Failure::new("STATE", error.to_string()),
    })?;
    output::note(format!("no gateway runs; working on {} itself", dir.display()));
    Ok(Place::Folder(Box::new(devices)))
}
