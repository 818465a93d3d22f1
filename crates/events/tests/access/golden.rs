//! The bytes of each type, which must read back for ever.

use domain::{access::*, terms::Right};
use events::Recordable;

use crate::fixture::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn assert_golden<E: Recordable + PartialEq + std::fmt::Debug>(event: &E, event_type: &str, golden: &str) {
    assert_eq!(event.event_type(), event_type);
    let golden: String = golden.split_whitespace().collect();
    assert_eq!(hex(&event.encode()), golden, "{event_type}");
    let digits: Vec<u32> = golden.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
    assert_eq!(E::decode(event_type, &bytes).as_ref(), Ok(event));
}

#[test]
fn source_registered_is_golden() {
    let event = registered();
    assert_golden(&event, "kiban.access.v1.SourceRegistered", GOLDEN_SOURCE_REGISTERED);
}

#[test]
fn dataset_viewed_is_golden() {
    let event = Event::DatasetViewed(AdmittedUse {
        right: Right::Browse,
        cases: 1,
        order: None,
        freeze: None,
        remaining: None,
        ..admitted(2)
    });
    assert_golden(&event, "kiban.access.v1.DatasetViewed", GOLDEN_DATASET_VIEWED);
}

#[test]
fn analysis_admitted_is_golden() {
    let event = Event::AnalysisAdmitted(admitted(1));
    assert_golden(&event, "kiban.access.v1.AnalysisAdmitted", GOLDEN_ANALYSIS_ADMITTED);
}

#[test]
fn access_denied_is_golden() {
    let event = denied();
    assert_golden(&event, "kiban.access.v1.AccessDenied", GOLDEN_ACCESS_DENIED);
}

#[test]
fn usage_recorded_is_golden() {
    let event = recorded();
    assert_golden(&event, "kiban.access.v1.UsageRecorded", GOLDEN_USAGE_RECORDED);
}

#[test]
fn record_reversed_is_golden() {
    let event = reversed(key());
    assert_golden(&event, "kiban.access.v1.UsageReversed", GOLDEN_RECORD_REVERSED);
}

#[test]
fn admission_reversed_is_golden() {
    let event = reversed(ReversalTarget::Admission(4));
    assert_golden(&event, "kiban.access.v1.UsageReversed", GOLDEN_ADMISSION_REVERSED);
}

#[test]
fn dataset_registered_is_golden() {
    let event = dataset_registered();
    assert_golden(&event, "kiban.access.v1.DatasetRegistered", GOLDEN_DATASET_REGISTERED);
}

#[test]
fn freeze_released_is_golden() {
    let event = freeze_released();
    assert_golden(&event, "kiban.access.v1.FreezeReleased", GOLDEN_FREEZE_RELEASED);
}

const GOLDEN_SOURCE_REGISTERED: &str = "0a100000000000000000000000000000000112056d657465721807";
const GOLDEN_DATASET_VIEWED: &str = "
    0a58080210061a05626173696328013210000000000000000000000000000000013a046f70656e480150015a10000000
    00000000000000000000000002620e647275672d646973636f766572796a024a5078c0843d800180897a";
const GOLDEN_ANALYSIS_ADMITTED: &str = "
    0a6f080110061a05626173696328013210000000000000000000000000000000013a046f70656e40024802501e5a1000
    000000000000000000000000000002620e647275672d646973636f766572796a024a5072100000000000000000000000
    000000000378c0843d800180897a880100";
const GOLDEN_ACCESS_DENIED: &str = "
    0a02020a10051a1000000000000000000000000000000001200328093210000000000000000000000000000000023a0e
    647275672d646973636f7665727942024a504807";
const GOLDEN_USAGE_RECORDED: &str = "
    0a10000000000000000000000000000000011001180520c0a8a5042a180a100000000000000000000000000000000112
    046f70656e2a1a0a100000000000000000000000000000000212046f70656e1801322000000000000000000000000000
    000007000000000000000000000000000000083a100000000000000000000000000000000942071a0562617369634209
    08011a0562617369634a070102ac020105015204131343135a0403030303620b80ade204ff887a80897a006a04010101
    017204000100007a0400010000820104010100028a01040803100292015b080110011a55080212100000000000000000
    00000000000000011a046f70656e2002281e380142056261736963480250c0843d5a1000000000000000000000000000
    00000362140a1000000000000000000000000000000004101e920104080310019a012000000000000000000000000000
    00000800000000000000000000000000000009a20103000002aa0103000101b20103010203";
const GOLDEN_RECORD_REVERSED: &str = "
    0a1000000000000000000000000000000001100218032a0e6d65746572696e67206572726f72324e0802121000000000
    0000000000000000000000011a046f70656e2002281e480250c0843d5a10000000000000000000000000000000036214
    0a1000000000000000000000000000000004101e68013807";
const GOLDEN_ADMISSION_REVERSED: &str = "
    20042a0e6d65746572696e67206572726f72324e08021210000000000000000000000000000000011a046f70656e2002
    281e480250c0843d5a100000000000000000000000000000000362140a1000000000000000000000000000000004101e
    68013807";
const GOLDEN_DATASET_REGISTERED: &str = "
    0a10000000000000000000000000000000011209544347412d425243411a064272656173742210000000000000000000
    000000000000022a046f70656e320d6272656173742063616e6365723801420201084a1368747470733a2f2f6578616d
    706c652e6f72675007";
const GOLDEN_FREEZE_RELEASED: &str = "080112150a100000000000000000000000000000000310ac021808";
