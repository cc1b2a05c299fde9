//! Reading changes of meaning.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx};
use sqlx::PgConnection;
use uuid::Uuid;

/// What to look for; `None` and empty lists leave a condition out.
#[derive(Default, Clone, Copy)]
pub struct Filter<'a> {
    pub services: Option<&'a [String]>,
    pub environments: Option<&'a [String]>,
    pub entity: Option<&'a str>,
    pub kinds: Option<&'a [String]>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub text: Option<&'a str>,
}

/// A stored transition.
pub struct Row {
    pub id: Uuid,
    pub seq: i64,
    pub at: Ts,
    pub noticed_at: Ts,
    pub service: Option<String>,
    pub environment: Option<String>,
    pub entity: String,
    pub kind: String,
    pub was: serde_json::Value,
    pub now: serde_json::Value,
    pub detail: Option<String>,
    pub phrase: Option<serde_json::Value>,
    pub bad: bool,
    pub source: String,
    pub subject: String,
}

/// Newest first, before the cursor.
pub async fn newest(
    conn: &mut PgConnection,
    filter: Filter<'_>,
    before: Option<(Timestamp, i64)>,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select id, seq, at, noticed_at, service, environment, entity, kind, was, now, detail, phrase, bad, source
                , subject
             from transitions
            where ($1::text[] is null or service = any($1))
              and ($2::text[] is null or environment = any($2))
              and ($3::text is null or entity = $3)
              and ($4::text[] is null or kind = any($4))
              and ($5::timestamptz is null or at >= $5)
              and ($6::timestamptz is null or at < $6)
              and ($7::text is null or position(lower($7) in lower(concat_ws(
                   ' ', service, environment, entity, kind, subject, source, detail, was::text, now::text))) > 0)
              and ($8::timestamptz is null or (at, seq) < ($8, $9))
            order by at desc, seq desc
            limit $10"#,
        filter.services as _,
        filter.environments as _,
        filter.entity,
        filter.kinds as _,
        filter.since.map(ToSqlx::to_sqlx) as _,
        filter.until.map(ToSqlx::to_sqlx) as _,
        filter.text,
        before.map(|(at, _)| at.to_sqlx()) as _,
        before.map(|(_, seq)| seq),
        limit,
    )
    .fetch_all(conn)
    .await
}

/// When the oldest transition happened.
pub async fn oldest(conn: &mut PgConnection) -> sqlx::Result<Option<Timestamp>> {
    let at = sqlx::query_scalar!(r#"select at from transitions order by at, seq limit 1"#)
        .fetch_optional(conn)
        .await?;
    Ok(at.map(Ts::to_jiff))
}

/// One bar of the histogram.
pub struct Bar {
    pub start: Ts,
    pub good: i64,
    pub bad: i64,
}

/// Counts per span of `seconds` from `since` on; empty spans are left out.
pub async fn histogram(
    conn: &mut PgConnection,
    filter: Filter<'_>,
    since: Timestamp,
    until: Timestamp,
    seconds: f64,
) -> sqlx::Result<Vec<Bar>> {
    sqlx::query_as!(
        Bar,
        r#"select date_bin(make_interval(secs => $3), at, $1) as "start!"
                , count(*) filter (where not bad) as "good!"
                , count(*) filter (where bad) as "bad!"
             from transitions
            where at >= $1 and at < $2
              and ($4::text[] is null or service = any($4))
              and ($5::text[] is null or environment = any($5))
              and ($6::text[] is null or kind = any($6))
            group by 1
            order by 1"#,
        since.to_sqlx(),
        until.to_sqlx(),
        seconds,
        filter.services as _,
        filter.environments as _,
        filter.kinds as _,
    )
    .fetch_all(conn)
    .await
}

/// How many transitions of each kind there are.
pub async fn counts(conn: &mut PgConnection, filter: Filter<'_>) -> sqlx::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"select kind, count(*) as "count!"
             from transitions
            where ($1::timestamptz is null or at >= $1)
              and ($2::timestamptz is null or at < $2)
              and ($3::text[] is null or service = any($3))
              and ($4::text[] is null or environment = any($4))
              and ($5::text is null or entity = $5)
            group by kind
            order by kind"#,
        filter.since.map(ToSqlx::to_sqlx) as _,
        filter.until.map(ToSqlx::to_sqlx) as _,
        filter.services as _,
        filter.environments as _,
        filter.entity,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.count)).collect())
}

/// A span of which history is incomplete.
pub struct GapRow {
    pub from_at: Ts,
    pub until_at: Ts,
    pub lost: i64,
    pub why: String,
    pub phrase: Option<serde_json::Value>,
}

/// Gaps that end after `since`, oldest first.
pub async fn gaps(conn: &mut PgConnection, since: Timestamp) -> sqlx::Result<Vec<GapRow>> {
    sqlx::query_as!(
        GapRow,
        r#"select from_at, until_at, lost, why, phrase from gaps
           where until_at >= $1 order by from_at, id limit 1000"#,
        since.to_sqlx(),
    )
    .fetch_all(conn)
    .await
}
