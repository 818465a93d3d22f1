//! Whom the operators admit to a kind of service.

use domain::{
    listing::ServiceKind,
    vendor_admission::{AdmissionMode, Command, MOST_VENDORS, SetVendorAdmission, VendorAdmission},
};
use engine::{Authorised, Prepared, Refusal, receipt};
use events::{vendor_admission_stream, wire};
use proto::kiban::order::v1::{
    GetVendorAdmissionRequest, GetVendorAdmissionResponse, SetVendorAdmissionRequest,
    SetVendorAdmissionResponse,
};

use super::{Facts, ListingApi, parse, refuse};

impl ListingApi {
    pub(super) async fn set_admission(
        &self,
        request: Authorised<SetVendorAdmissionRequest>,
    ) -> Result<SetVendorAdmissionResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let kind = parse::service_kind("kind", request.request().kind)?;
        let mode = parse::admission(request.request().admission.as_ref())?;
        let executed = self
            .admissions
            .execute(&vendor_admission_stream(kind), &envelope, || {
                let mode = mode.clone();
                Box::pin(async { Ok(self.facts.set_admission(&request, kind, mode).await?) })
            })
            .await
            .map_err(refuse::admission)?;
        Ok(SetVendorAdmissionResponse { receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn get_admission(
        &self,
        request: Authorised<GetVendorAdmissionRequest>,
    ) -> Result<GetVendorAdmissionResponse, Refusal> {
        let kind = parse::service_kind("kind", request.request().kind)?;
        let caller = request.caller().organisation;
        let look = |state: &VendorAdmission, revision| {
            (wire::vendor_admission(state.mode()), state.admits(caller), revision)
        };
        let (admission, admits_caller, revision) =
            self.admissions.read(&vendor_admission_stream(kind), look).await?;
        Ok(GetVendorAdmissionResponse {
            admission: request.is_operator().then_some(admission),
            admits_caller,
            revision: revision.unwrap_or_default(),
        })
    }
}

impl Facts {
    async fn set_admission<T>(
        &self,
        request: &Authorised<T>,
        kind: ServiceKind,
        mode: AdmissionMode,
    ) -> Result<Prepared<VendorAdmission>, Refusal> {
        let vendors = mode.vendors();
        let mut guards = Vec::new();
        // The decider refuses longer lists, and they need not be looked up for that.
        for vendor in vendors.iter().take(MOST_VENDORS) {
            guards.push(self.registered("admission", *vendor).await?);
        }
        let command = Command::SetVendorAdmission(SetVendorAdmission { kind, mode, at: request.at() });
        Ok(Prepared::new(command).guarded_by(guards).concerning(vendors))
    }
}
