//! `device.pair.setupCode` and `device.pair.setupStatus`.

use openclaw_auth::{Mode, SetupAccess, SetupStatus, error::DeviceMethod};
use openclaw_protocol::{
    RpcError,
    methods::devices::{
        DevicePairSetupCodeParams, DevicePairSetupCodeResult, DevicePairSetupStatusParams,
        DevicePairSetupStatusResult, SetupAccessName, SetupAuth, SetupCompletion, SetupProfile,
    },
};
use tracing::info;

use super::{now, refused};
use crate::{
    context::Cx,
    qr,
    router::RouterBuilder,
    setup::{self, Reach},
};

pub(super) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(code).handle(status)
}

async fn code(
    cx: Cx,
    params: DevicePairSetupCodeParams,
) -> Result<DevicePairSetupCodeResult, RpcError> {
    if params.join_url == Some(true) {
        return Err(RpcError::invalid(
            "joining by an address is not in this build; use the setup code",
        ));
    }
    let auth = match cx.app().in_force().credentials.mode {
        Mode::Password => SetupAuth::Password,
        Mode::TrustedProxy => SetupAuth::TrustedProxy,
        Mode::Token | Mode::Tailscale | Mode::Device => SetupAuth::Token,
        Mode::None => {
            return Err(RpcError::invalid(
                "with gateway.auth.mode none every device comes in as it is; set token or password to pair devices",
            ));
        }
    };
    let asked = match params.bootstrap_profile {
        None => SetupAccess::Full,
        Some(SetupProfile::Limited) => SetupAccess::Limited,
        Some(SetupProfile::Node) => SetupAccess::Node,
    };
    let remote_first = params.prefer_remote_url == Some(true);
    let reach = Reach::find(cx.app(), params.public_url.as_deref(), remote_first);
    let reach = reach.map_err(RpcError::invalid)?;
    let downgraded = asked == SetupAccess::Full && !reach.is_private();
    let access = if downgraded { SetupAccess::Limited } else { asked };
    let issued = cx.app().authority.issue_setup(access, &cx.peer().approver(), now(&cx)).await;
    let issued = issued.map_err(|problem| refused(&cx, DeviceMethod::Setup, &problem))?;
    info!(setup = issued.id, access = access.name(), by = %cx.peer().id, "a setup code was made");
    let setup_code = setup::code(&reach.url, &issued);
    let pictured = params.include_qr != Some(false);
    Ok(DevicePairSetupCodeResult {
        qr_data_url: pictured.then(|| qr::data_url(&setup_code)).flatten(),
        setup_code,
        setup_id: Some(issued.id),
        gateway_url: reach.url,
        auth,
        url_source: reach.source.to_owned(),
        access: Some(named(access)),
        access_downgraded: downgraded.then_some(true),
        expires_at_ms: Some(issued.expires_at_ms),
    })
}

async fn status(
    cx: Cx,
    params: DevicePairSetupStatusParams,
) -> Result<DevicePairSetupStatusResult, RpcError> {
    let status = cx.app().authority.setup_status(&params.setup_id, now(&cx)).await;
    let status = status.map_err(|problem| refused(&cx, DeviceMethod::Setup, &problem))?;
    let mut result = DevicePairSetupStatusResult::default();
    if let Some(status) = status {
        let delivered = status.used.delivered;
        let told = Some(completion(params.setup_id.into_string(), status));
        let place = if delivered { &mut result.completion } else { &mut result.delivery_uncertain };
        *place = told;
    }
    Ok(result)
}

/// Who used a code.
pub(crate) fn completion(setup_id: String, status: SetupStatus) -> SetupCompletion {
    SetupCompletion {
        setup_id,
        device_id: status.used.device.to_string(),
        device_name: status.used.device_name,
        access: named(status.access),
        ts: status.used.at_ms,
    }
}

fn named(access: SetupAccess) -> SetupAccessName {
    match access {
        SetupAccess::Full => SetupAccessName::Full,
        SetupAccess::Limited => SetupAccessName::Limited,
        SetupAccess::Node => SetupAccessName::Node,
    }
}
