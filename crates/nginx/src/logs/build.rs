//! Counts to a report.

use std::collections::BTreeMap;

use super::counts::{CallerCount, Place, RouteCount, RouteKey};
use super::reader::Reader;
use super::report::{Agreement, CallerReport, Disagreement, RejectedLine, Report, RouteReport};
use super::setup::sockets_of;
use super::time::{Moment, day_of_hour, hour_text};
use crate::route::{Known, Request};

/// The line that answers every question.
const FIX: &str = "log_format landfall '$remote_addr - $remote_user [$time_local] \"$request\" $status \
$body_bytes_sent \"$http_referer\" \"$http_user_agent\" $host $server_name $server_port $upstream_addr \
\"$http_x_forwarded_for\" $request_id';";

impl Reader<'_> {
    /// The report over everything read so far.
    pub fn report(&self) -> Report {
        let counts = &self.counts;
        let mut routes: Vec<RouteReport> = counts
            .routes
            .iter()
            .filter(|(_, count)| count.requests > 0)
            .map(|(key, count)| self.route_report(key, count))
            .collect();
        routes.sort_by(|one, other| {
            other
                .leftover
                .cmp(&one.leftover)
                .then(other.requests.cmp(&one.requests))
                .then_with(|| one.host.cmp(&other.host))
                .then_with(|| one.destination.cmp(&other.destination))
        });
        let (first, last) = counts.span();
        Report {
            lines: counts.lines,
            parsed: counts.parsed,
            rejected: counts.rejected.values().map(|(count, _)| count).sum(),
            rejected_by_reason: counts
                .rejected
                .iter()
                .map(|(reason, (count, _))| ((*reason).to_owned(), *count))
                .collect(),
            rejected_examples: counts
                .rejected
                .iter()
                .map(|(reason, (_, examples))| {
                    let lines = examples.iter().map(|example| RejectedLine {
                        file: self.file_of(example.place),
                        line: example.place.line,
                        text: example.what.clone(),
                    });
                    ((*reason).to_owned(), lines.collect())
                })
                .collect(),
            format: self.used.join(", "),
            first: first.map(Moment::rfc3339),
            last: last.map(Moment::rfc3339),
            routes,
            agreement: self.agreement(),
            sufficient: self.missing.is_empty(),
            missing: self.missing.clone(),
            fix: (!self.missing.is_empty()).then(|| FIX.to_owned()),
            hosts_exact: !counts.hosts_folded,
        }
    }

    fn file_of(&self, place: Place) -> String {
        self.files.get(place.file).cloned().unwrap_or_default()
    }

    fn agreement(&self) -> Agreement {
        let examples = self.counts.examples.iter().map(|example| {
            let (request, engine, log) = example.what.clone();
            Disagreement { file: self.file_of(example.place), line: example.place.line, request, engine, log }
        });
        Agreement { compared: self.counts.compared, agreed: self.counts.agreed, examples: examples.collect() }
    }

    fn route_report(&self, key: &RouteKey, count: &RouteCount) -> RouteReport {
        let host = key.host.as_ref().map(|host| String::from_utf8_lossy(host).into_owned());
        let moves = self.options.moves.is_some() && key.destination == self.options.moves;
        let leftover = moves && !self.root_goes_to(key);
        let mut per_day: BTreeMap<String, u64> = BTreeMap::new();
        let mut per_hour: BTreeMap<String, u64> = BTreeMap::new();
        for (hour, requests) in count.hours() {
            *per_day.entry(day_of_hour(hour)).or_default() += requests;
            per_hour.insert(hour_text(hour), requests);
        }
        let mut callers: Vec<CallerReport> =
            count.callers.values().map(|sum| self.caller_report(sum)).collect();
        callers.sort_by(|one, other| {
            other
                .requests
                .cmp(&one.requests)
                .then_with(|| one.client.cmp(&other.client))
                .then_with(|| one.user_agent.cmp(&other.user_agent))
                .then_with(|| one.user.cmp(&other.user))
        });
        let listed: u64 = callers.iter().map(|caller| caller.requests).sum();
        RouteReport {
            host,
            server: key.server.map(|id| self.config.server_ref(id)),
            location: key.loc.map(|id| self.config.location_ref(id)),
            destination: key.destination.clone(),
            leftover,
            hairpin: leftover,
            requests: count.requests,
            first: count.first.rfc3339(),
            last: count.last.rfc3339(),
            per_day,
            per_hour,
            callers,
            callers_exact: !count.thinned,
            other_callers_requests: count.requests.saturating_sub(listed),
        }
    }

    fn caller_report(&self, sum: &CallerCount) -> CallerReport {
        let client = String::from_utf8_lossy(&sum.key.client).into_owned();
        let named = self.options.clients.find(&client);
        let text = |bytes: &[u8]| (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned());
        CallerReport {
            name: named.map(|named| named.name.clone()),
            repository: named.and_then(|named| named.repository.clone()),
            owner: named.and_then(|named| named.owner.clone()),
            user_agent: text(&sum.key.agent),
            user: text(&sum.key.user),
            requests: sum.requests,
            at_most_more: sum.missed,
            first: sum.first.rfc3339(),
            last: sum.last.rfc3339(),
            client,
        }
    }

    /// Whether `/` of the same server goes to the application that moves.
    fn root_goes_to(&self, key: &RouteKey) -> bool {
        let Some(server) = key.server else { return false };
        let host = key.host.clone().unwrap_or_default();
        let request = Request { host, target: b"/".to_vec(), ..Request::default() };
        let sockets = sockets_of(self.config, &[server]);
        let (_, ways) = self.config.ways(&request, Known { sockets: Some(&sockets), partly: true });
        ways.iter()
            .filter(|way| way.server == Some(server))
            .filter_map(|way| way.outcome.as_ref())
            .any(|outcome| outcome.upstream.is_some() && outcome.upstream == self.options.moves)
    }
}
