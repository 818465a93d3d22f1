//! What is expected of a stream, to and from each of the forms that the protocol has for it.

use super::{kiban, shared, streams};
use crate::ExpectedRevision;

/// The names differ from form to form; what they mean does not.
macro_rules! forms {
    ($($form:path { $revision:ident, $no_stream:ident, $any:ident, $stream_exists:ident, $unit:expr })+) => {$(
        const _: () = {
            use $form as Form;

            impl From<ExpectedRevision> for Form {
                fn from(expected: ExpectedRevision) -> Self {
                    match expected {
                        ExpectedRevision::Exact(revision) => Self::$revision(revision),
                        ExpectedRevision::NoStream => Self::$no_stream($unit),
                        ExpectedRevision::Any => Self::$any($unit),
                        ExpectedRevision::StreamExists => Self::$stream_exists($unit),
                    }
                }
            }

            impl From<Form> for ExpectedRevision {
                fn from(form: Form) -> Self {
                    match form {
                        Form::$revision(revision) => Self::Exact(revision),
                        Form::$no_stream(_) => Self::NoStream,
                        Form::$any(_) => Self::Any,
                        Form::$stream_exists(_) => Self::StreamExists,
                    }
                }
            }
        };
    )+};
}

forms! {
    kiban::conflict::Expected { Revision, NoStream, Any, StreamExists, kiban::Unit {} }
    streams::append_req::options::ExpectedStreamRevision {
        Revision, NoStream, Any, StreamExists, shared::Empty {}
    }
    streams::append_resp::wrong_expected_version::ExpectedRevisionOption {
        ExpectedRevision, ExpectedNoStream, ExpectedAny, ExpectedStreamExists, shared::Empty {}
    }
    streams::batch_append_req::options::ExpectedStreamPosition {
        StreamPosition, NoStream, Any, StreamExists, ()
    }
    streams::batch_append_resp::ExpectedStreamPosition { StreamPosition, NoStream, Any, StreamExists, () }
    shared::wrong_expected_version::ExpectedStreamPositionOption {
        ExpectedStreamPosition, ExpectedNoStream, ExpectedAny, ExpectedStreamExists, ()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_back<F: From<ExpectedRevision> + Into<ExpectedRevision>>() {
        use ExpectedRevision::{Any, Exact, NoStream, StreamExists};
        for expected in [Any, NoStream, StreamExists, Exact(0), Exact(u64::MAX)] {
            assert_eq!(F::from(expected).into(), expected);
        }
    }

    #[test]
    fn every_form_reads_back() {
        reads_back::<kiban::conflict::Expected>();
        reads_back::<streams::append_req::options::ExpectedStreamRevision>();
        reads_back::<streams::append_resp::wrong_expected_version::ExpectedRevisionOption>();
        reads_back::<streams::batch_append_req::options::ExpectedStreamPosition>();
        reads_back::<streams::batch_append_resp::ExpectedStreamPosition>();
        reads_back::<shared::wrong_expected_version::ExpectedStreamPositionOption>();
    }
}
