//! Findings with their proof.

use jiff::Timestamp;
use landfall_model::{
    Text,
    words::{Rule, Severity, SubjectKind},
};

use crate::web::api::schema::api_type;

api_type! {
    /// A rule that fired.
    Finding {
        /// Stable id.
        id: Text,
        /// Rule that fired.
        rule: Rule,
        /// How much it matters.
        severity: Severity,
        /// What it is about.
        subject: Subject,
        /// Service it is about.
        service: Option<Text>,
        /// Name of the environment.
        environment: Option<Text>,
        /// When the trouble began.
        since: Timestamp,
        /// When the finding was opened, after its grace.
        opened_at: Timestamp,
        /// When it ended; null while it is open.
        until: Option<Timestamp>,
        /// What is wrong, in one sentence.
        summary: Text,
        /// The evidence.
        proof: Vec<Proof>,
        /// What to do.
        way_out: Text,
        /// Where to do it.
        link: Option<Text>,
        /// Page that explains the rule.
        docs: String,
    }
}

api_type! {
    /// What a finding is about.
    Subject {
        /// Kind of thing.
        kind: SubjectKind,
        /// Its name.
        name: Text,
    }
}

api_type! {
    /// One line of evidence.
    Proof {
        /// What was looked at.
        what: Text,
        /// What was seen.
        value: Text,
        /// Who says so.
        source: Text,
        /// When that was so.
        as_of: Option<Timestamp>,
    }
}
