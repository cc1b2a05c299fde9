//! Who plays: the services of a hosting company, by team, with their pods and the age of what they run.

use crate::build::workload::WorkloadKind;

/// One service. Ages are hours since the last deployment; `None` = not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub team: &'static str,
    pub name: &'static str,
    pub pods: (u32, u32),
    pub production_h: Option<f64>,
    pub staging_h: Option<f64>,
    pub kind: WorkloadKind,
    /// The same Application name in both Argo CD instances.
    pub bare_name: bool,
}

const fn member(
    team: &'static str,
    name: &'static str,
    pods: (u32, u32),
    production_h: f64,
    staging_h: f64,
) -> Member {
    Member {
        team,
        name,
        pods,
        production_h: Some(production_h),
        staging_h: Some(staging_h),
        kind: WorkloadKind::Deployment,
        bare_name: false,
    }
}

const fn staging_only(team: &'static str, name: &'static str, staging_h: f64) -> Member {
    Member { production_h: None, ..member(team, name, (2, 1), 0.0, staging_h) }
}

const fn of(kind: WorkloadKind, member: Member) -> Member {
    Member { kind, ..member }
}

const fn bare(member: Member) -> Member {
    Member { bare_name: true, ..member }
}

use WorkloadKind::{CronJob, DaemonSet, Rollout, StatefulSet};

/// Everybody.
pub(crate) const CAST: &[Member] = &[
    member("accounts", "control-panel", (6, 2), 76.0, 29.0),
    member("accounts", "identity-sync", (3, 2), 28.0, 4.3),
    member("accounts", "mypage", (4, 2), 4.2, 4.6),
    member("accounts", "session-api", (8, 2), 0.07, 0.22),
    member("accounts", "signup", (3, 2), 28.0, 2.2),
    member("accounts", "two-factor", (3, 1), 264.0, 72.0),
    staging_only("accounts", "profile-export", 31.0),
    staging_only("billing", "billing", 92.0),
    staging_only("billing", "billing-batch", 55.0),
    of(CronJob, member("billing", "dunning", (1, 1), 168.0, 169.0)),
    member("billing", "invoice-pdf", (3, 1), 74.0, 5.2),
    staging_only("billing", "payment-gateway", 26.0),
    member("billing", "tax-rates", (2, 1), 331.0, 332.0),
    member("domains", "dns-editor", (4, 2), 53.0, 0.6),
    member("domains", "domain-transfer", (3, 1), 146.0, 147.0),
    member("domains", "registrar-sync", (2, 1), 194.0, 195.0),
    member("domains", "whois-proxy", (3, 2), 327.0, 3.3),
    member("domains", "zone-export", (2, 1), 120.0, 98.0),
    member("mail", "mail-admin", (3, 2), 91.0, 5.5),
    member("mail", "mail-migrator", (2, 1), 122.0, 123.0),
    of(StatefulSet, member("mail", "mail-quota", (3, 1), 150.0, 151.0)),
    of(StatefulSet, member("mail", "mail-search", (3, 1), 101.0, 22.0)),
    staging_only("mail", "spam-report", 72.0),
    member("mail", "webmail-front", (6, 2), 48.0, 20.0),
    member("web hosting", "access-log-viewer", (2, 1), 118.0, 119.0),
    member("web hosting", "backup-restore", (2, 1), 210.0, 30.0),
    member("web hosting", "cron-editor", (3, 1), 97.0, 98.0),
    member("web hosting", "db-admin", (4, 2), 52.0, 53.0),
    member("web hosting", "file-manager", (4, 2), 33.0, 32.0),
    member("web hosting", "php-settings", (3, 1), 99.0, 1.7),
    member("web hosting", "site-stats", (2, 1), 330.0, 330.5),
    member("web hosting", "ssl-issuer", (2, 2), 290.0, 291.0),
    of(Rollout, member("web hosting", "wp-installer", (4, 2), 23.2, 23.5)),
    bare(of(DaemonSet, member("platform", "log-shipper", (5, 3), 250.0, 120.0))),
    bare(member("platform", "ingress-edge", (4, 2), 140.0, 66.0)),
    bare(member("platform", "cert-rotator", (1, 1), 300.0, 301.0)),
    member("platform", "feature-flags", (3, 1), 45.0, 21.0),
    member("platform", "job-runner", (5, 2), 27.0, 25.0),
    member("platform", "metrics-gateway", (2, 1), 160.0, 161.0),
    member("platform", "cdn-purger", (4, 1), 130.0, 131.0),
    member("platform", "status-page", (2, 1), 88.0, 88.5),
    bare(of(StatefulSet, member("platform", "audit-store", (3, 1), 305.0, 306.0))),
    member("support", "ticket-inbox", (3, 1), 25.0, 24.0),
    member("support", "faq-search", (2, 1), 70.0, 71.0),
    member("support", "chat-widget", (3, 1), 19.0, 18.5),
    member("support", "call-notes", (2, 1), 110.0, 111.0),
    member("support", "macro-editor", (2, 1), 200.0, 44.0),
    member("support", "satisfaction", (1, 1), 260.0, 261.0),
    member("support", "remote-hands", (2, 1), 77.0, 77.5),
    of(CronJob, member("support", "sla-report", (1, 1), 180.0, 181.0)),
    member("internal", "staff-directory", (2, 1), 240.0, 241.0),
    member("internal", "expense-bot", (1, 1), 90.0, 40.0),
    member("internal", "on-call", (2, 1), 50.0, 50.5),
    staging_only("internal", "old-banner", 325.0),
    member("internal", "wiki", (2, 1), 190.0, 190.5),
    member("internal", "access-review", (1, 1), 65.0, 64.0),
    member("partners", "reseller-portal", (4, 2), 30.0, 6.0),
    member("partners", "partner-feed", (2, 1), 105.0, 106.0),
    staging_only("partners", "partner-feed-legacy", 315.0),
    member("partners", "coupon-api", (3, 1), 58.0, 59.0),
    member("partners", "white-label", (2, 1), 170.0, 28.0),
    member("partners", "affiliate-stats", (2, 1), 215.0, 216.0),
];
