//! Statements about findings.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx};
use sqlx::PgConnection;

/// Columns of findings.
#[derive(Default)]
pub struct Columns {
    pub id: Vec<String>,
    pub rule: Vec<String>,
    pub severity: Vec<String>,
    pub subject_kind: Vec<String>,
    pub subject_name: Vec<String>,
    pub service: Vec<Option<String>>,
    pub environment: Vec<Option<String>>,
    pub since: Vec<Ts>,
    pub opened_at: Vec<Ts>,
    pub until: Vec<Option<Ts>>,
    pub opened: Vec<bool>,
    pub open: Vec<bool>,
    pub body: Vec<String>,
}

/// Writes findings as they are now. One that was open stays known as such, from its first opening on.
pub async fn put(conn: &mut PgConnection, rows: &Columns, seq: i64) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into findings as f
             (id, rule, severity, subject_kind, subject_name, service, environment, since, opened_at, until, opened, open
             , body, seq)
           select n.id, n.rule, n.severity, n.subject_kind, n.subject_name, n.service, n.environment, n.since
                , n.opened_at, n.until, n.opened, n.open and n.until is null, n.body::jsonb, $14
             from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]
                       , $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::bool[], $12::bool[], $13::text[])
               as n (id, rule, severity, subject_kind, subject_name, service, environment, since, opened_at, until
                   , opened, open, body)
           on conflict (id) do update
              set severity = excluded.severity
                , service = excluded.service
                , environment = excluded.environment
                , since = excluded.since
                , opened_at = case when f.opened then least(f.opened_at, excluded.opened_at) else excluded.opened_at end
                , until = excluded.until
                , opened = f.opened or excluded.opened
                , open = excluded.open
                , body = excluded.body
                , seq = excluded.seq"#,
        &rows.id,
        &rows.rule,
        &rows.severity,
        &rows.subject_kind,
        &rows.subject_name,
        &rows.service as _,
        &rows.environment as _,
        &rows.since as _,
        &rows.opened_at as _,
        &rows.until as _,
        &rows.opened,
        &rows.open,
        &rows.body,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Which of these ids are there.
pub async fn known(conn: &mut PgConnection, ids: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(r#"select id from findings where id = any($1)"#, ids).fetch_all(conn).await
}

/// A stored finding: JSON text of it, and whether it is open.
pub struct Row {
    pub body: String,
    pub open: bool,
    pub opened_at: Ts,
}

/// Findings that go on, in their grace time or open.
pub async fn going_on(conn: &mut PgConnection) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select body::text as "body!", open, opened_at from findings where until is null order by id"#
    )
    .fetch_all(conn)
    .await
}

/// Findings that changed after `seq`.
pub async fn since(conn: &mut PgConnection, seq: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select body::text as "body!", open, opened_at from findings where seq > $1 order by seq, id"#,
        seq
    )
    .fetch_all(conn)
    .await
}

/// Findings that were open at `at`, with what they said then: the last words before it, which stand among the frames.
/// Those from before words were kept, or whose months are gone, have their newest words. A leader's clock and the
/// database's may differ by more than an opening and its words: hence the day.
pub async fn as_of(conn: &mut PgConnection, at: Timestamp) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select coalesce(said.view, f.body)::text as "body!", f.open, f.opened_at
             from findings f
             left join lateral (
                  select w.view
                    from frames w
                   where w.entity = 'finding/' || f.id and w.at <= $1 and w.at >= f.opened_at - interval '1 day'
                   order by w.at desc, w.seq desc
                   limit 1
                  ) as said on true
            where f.opened and f.opened_at <= $1 and (f.until is null or f.until > $1)
            order by f.id"#,
        at.to_sqlx(),
    )
    .fetch_all(conn)
    .await
}

/// Closed findings, newest end first, before the cursor.
pub async fn closed(
    conn: &mut PgConnection,
    before: Option<(Timestamp, &str)>,
    service: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select body::text as "body!", open, opened_at
             from findings
            where opened and until is not null
              and ($1::timestamptz is null or (until, id) < ($1, $2))
              and ($3::text is null or service = $3)
            order by until desc, id desc
            limit $4"#,
        before.map(|(at, _)| at.to_sqlx()) as _,
        before.map(|(_, id)| id),
        service,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// How many findings ended between `since` and `until`.
pub async fn count_closed(
    conn: &mut PgConnection,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!"
             from findings
            where opened and until is not null
              and ($1::timestamptz is null or until >= $1)
              and ($2::timestamptz is null or until <= $2)"#,
        since.map(ToSqlx::to_sqlx) as _,
        until.map(ToSqlx::to_sqlx) as _,
    )
    .fetch_one(conn)
    .await
}

/// How many findings opened between `since` and `until`, whether or not they ended since.
pub async fn count_opened(conn: &mut PgConnection, since: Timestamp, until: Timestamp) -> sqlx::Result<i64> {
    // What ended before `since` cannot have opened after it; saying so lets indexes answer.
    sqlx::query_scalar!(
        r#"select count(*) as "count!"
             from findings
            where opened and opened_at >= $1 and opened_at <= $2 and (until is null or until >= $1)"#,
        since.to_sqlx(),
        until.to_sqlx(),
    )
    .fetch_one(conn)
    .await
}

/// Removes findings that ended before `before`, or that ended in their grace time a day ago.
pub async fn purge(conn: &mut PgConnection, before: Timestamp, grace_before: Timestamp) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"delete from findings where until < $1 or (not opened and until < $2)"#,
        before.to_sqlx(),
        grace_before.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
