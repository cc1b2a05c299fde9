//! Statements that find what was seen at registries, and tell what is behind one image.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as Ts, ToSqlx as _};
use sqlx::PgConnection;

/// Beginnings to look for, each as the least text and one above all that begin so; `None` finds nothing.
#[derive(Default)]
pub struct Beginnings {
    pub digest: Option<(String, String)>,
    pub tag: Option<(String, String)>,
    pub commit: Option<(String, String)>,
    /// What a tag may hold of a commit that is longer.
    pub shortened: Vec<String>,
    pub repository: Option<String>,
}

/// A sighting that fits.
pub struct FoundRow {
    pub repository: String,
    pub tag: String,
    pub digest: String,
    pub first_seen: Ts,
    pub last_seen: Ts,
    pub ended_at: Option<Ts>,
    /// By the registry's own word.
    pub pushed_at: Option<Ts>,
    pub seen_by: String,
    pub created_at: Option<Ts>,
    pub revision: Option<String>,
    /// Digests of its platforms.
    pub platforms: Vec<String>,
    /// 0 digest, 1 tag, 2 commit within the tag, 3 commit by its label.
    pub how: i32,
    /// How many fit in all.
    pub total: i64,
}

/// Sightings that fit, the newest first. Of each way to fit at most `most` are looked at.
pub async fn find(
    conn: &mut PgConnection,
    what: &Beginnings,
    at: Timestamp,
    most: i64,
    offset: i64,
    limit: i64,
) -> sqlx::Result<Vec<FoundRow>> {
    let low = |range: &Option<(String, String)>| range.as_ref().map(|(low, _)| low.clone());
    let high = |range: &Option<(String, String)>| range.as_ref().map(|(_, high)| high.clone());
    sqlx::query_as!(
        FoundRow,
        r#"with hits as materialized (
              (select s.repository, s.tag, s.first_seen, 0 as how from tag_sightings s
                where s.digest ~>=~ $1 and s.digest ~<~ $2 and s.first_seen <= $8
                order by s.digest using ~<~ limit $9)
              union all
              (select s.repository, s.tag, s.first_seen, 0 from digest_children c
                 join tag_sightings s on s.digest = c.parent
                where c.child ~>=~ $1 and c.child ~<~ $2 and s.first_seen <= $8 limit $9)
              union all
              (select s.repository, s.tag, s.first_seen, 1 from tag_sightings s
                where s.tag ~>=~ $3 and s.tag ~<~ $4 and s.first_seen <= $8
                order by s.tag using ~<~ limit $9)
              union all
              (select s.repository, s.tag, s.first_seen, 2 from tag_sightings s
                where substring(s.tag from '(?:^|[^0-9A-Za-z])g?((?=[0-9]*[a-f])[0-9a-f]{6,64})(?:[^0-9A-Za-z]|$)') ~>=~ $5
                  and substring(s.tag from '(?:^|[^0-9A-Za-z])g?((?=[0-9]*[a-f])[0-9a-f]{6,64})(?:[^0-9A-Za-z]|$)') ~<~ $6
                  and s.first_seen <= $8 limit $9)
              union all
              (select s.repository, s.tag, s.first_seen, 2 from tag_sightings s
                where substring(s.tag from '(?:^|[^0-9A-Za-z])g?((?=[0-9]*[a-f])[0-9a-f]{6,64})(?:[^0-9A-Za-z]|$)') = any ($7)
                  and s.first_seen <= $8 limit $9)
              union all
              (select s.repository, s.tag, s.first_seen, 3 from digests d
                 join tag_sightings s on s.digest = d.digest
                where jsonb_path_query_first(d.labels, '$[*] ? (@.name == "org.opencontainers.image.revision").value') #>> '{}' ~>=~ $5
                  and jsonb_path_query_first(d.labels, '$[*] ? (@.name == "org.opencontainers.image.revision").value') #>> '{}' ~<~ $6
                  and s.first_seen <= $8 limit $9)
              union all
              (select s.repository, s.tag, s.first_seen, 3 from digests d
                 join digest_children c on c.child = d.digest
                 join tag_sightings s on s.digest = c.parent
                where jsonb_path_query_first(d.labels, '$[*] ? (@.name == "org.opencontainers.image.revision").value') #>> '{}' ~>=~ $5
                  and jsonb_path_query_first(d.labels, '$[*] ? (@.name == "org.opencontainers.image.revision").value') #>> '{}' ~<~ $6
                  and s.first_seen <= $8 limit $9)
           ), found as (
              select h.repository, r.name, h.tag, h.first_seen, min(h.how) as how, count(*) over () as total
                from hits h join repositories r on r.id = h.repository
               where $12::text is null or r.name = $12
               group by h.repository, r.name, h.tag, h.first_seen
               order by h.first_seen desc, r.name, h.tag
              offset $10 limit $11
           )
           select f.name as repository, s.tag, s.digest, s.first_seen as "first_seen: Ts", s.last_seen as "last_seen: Ts"
                , s.ended_at as "ended_at: Ts", s.pushed_at as "pushed_at: Ts", s.seen_by, f.how as "how!", f.total as "total!"
                , coalesce(d.created_at, (select max(c.created_at) from digest_children i
                                            join digests c on c.digest = i.child where i.parent = s.digest))
                    as "created_at: Ts"
                , coalesce(jsonb_path_query_first(d.labels, '$[*] ? (@.name == "org.opencontainers.image.revision").value') #>> '{}'
                         , (select max(jsonb_path_query_first(c.labels, '$[*] ? (@.name == "org.opencontainers.image.revision").value') #>> '{}')
                              from digest_children i join digests c on c.digest = i.child where i.parent = s.digest))
                    as revision
                , array(select i.child from digest_children i where i.parent = s.digest) as "platforms!"
             from found f
             join tag_sightings s on s.repository = f.repository and s.tag = f.tag and s.first_seen = f.first_seen
             left join digests d on d.digest = s.digest
            order by f.first_seen desc, f.name, f.tag"#,
        low(&what.digest),
        high(&what.digest),
        low(&what.tag),
        high(&what.tag),
        low(&what.commit),
        high(&what.commit),
        &what.shortened,
        at.to_sqlx() as _,
        most,
        offset,
        limit,
        what.repository.as_deref(),
    )
    .fetch_all(conn)
    .await
}

/// The digest that a tag of a repository pointed at, as known at a moment.
pub async fn of_tag(
    conn: &mut PgConnection,
    repository: i64,
    tag: &str,
    at: Timestamp,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        r#"select digest from tag_sightings where repository = $1 and tag = $2 and first_seen <= $3
            order by first_seen desc limit 1"#,
        repository,
        tag,
        at.to_sqlx() as _,
    )
    .fetch_optional(conn)
    .await
}

/// A digest of a repository by its beginning: one that tags point or pointed at, or of a platform of such a one.
pub async fn of_digest(
    conn: &mut PgConnection,
    repository: i64,
    low: &str,
    high: &str,
    at: Timestamp,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        r#"(select s.digest as "digest!" from tag_sightings s
             where s.digest ~>=~ $2 and s.digest ~<~ $3 and s.repository = $1 and s.first_seen <= $4 limit 1)
           union all
           (select c.child from digest_children c join tag_sightings s on s.digest = c.parent
             where c.child ~>=~ $2 and c.child ~<~ $3 and s.repository = $1 and s.first_seen <= $4 limit 1)
           limit 1"#,
        repository,
        low,
        high,
        at.to_sqlx() as _,
    )
    .fetch_optional(conn)
    .await
}

/// When a digest was seen in a repository, and under which tags.
pub struct SeenRow {
    pub tag: String,
    pub first_seen: Ts,
    pub last_seen: Ts,
    pub ended_at: Option<Ts>,
}

/// Under which tags a digest, or the index of a platform, was seen in a repository, the newest first.
pub async fn tags_of(
    conn: &mut PgConnection,
    repository: i64,
    digest: &str,
    at: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<SeenRow>> {
    sqlx::query_as!(
        SeenRow,
        r#"select s.tag, s.first_seen as "first_seen: Ts", s.last_seen as "last_seen: Ts", s.ended_at as "ended_at: Ts"
             from tag_sightings s
            where s.repository = $1 and s.first_seen <= $3
              and (s.digest = $2 or s.digest in (select parent from digest_children where child = $2))
            order by s.first_seen desc, s.tag
            limit $4"#,
        repository,
        digest,
        at.to_sqlx() as _,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// What is behind a digest: of an index a row for each platform.
pub struct PartRow {
    pub digest: String,
    pub media_type: String,
    pub config: Option<String>,
    pub platform: Option<String>,
    pub created: Option<String>,
    pub labels: String,
    pub bytes: Option<i64>,
    pub layers: Option<Vec<String>>,
    pub error: Option<String>,
    pub is_index: bool,
}

/// What is behind a digest, and behind its platforms.
pub async fn parts(conn: &mut PgConnection, digest: &str) -> sqlx::Result<Vec<PartRow>> {
    sqlx::query_as!(
        PartRow,
        r#"select d.digest, d.media_type, d.config, d.platform::text as platform
                , coalesce(d.created_text
                         , to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) as created
                , d.labels::text as "labels!", d.bytes, d.layers, d.error
                , exists (select from digest_children i where i.parent = d.digest) as "is_index!"
             from digests d
            where d.digest = $1 or d.digest in (select child from digest_children where parent = $1)
            order by d.digest = $1 desc, d.platform::text, d.digest
            limit 65"#,
        digest,
    )
    .fetch_all(conn)
    .await
}

/// Where tags of a repository pointed at a moment, those of `wanted` (tags or digests) and then the newest.
pub async fn at(
    conn: &mut PgConnection,
    repository: i64,
    at: Timestamp,
    wanted: &[String],
    limit: i64,
) -> sqlx::Result<Vec<super::sighting::Row>> {
    sqlx::query_as!(
        super::sighting::Row,
        r#"select s.tag, s.digest, s.first_seen as "first_seen: Ts", s.last_seen as "last_seen: Ts"
                , null::timestamptz as "ended_at: Ts", s.seen_by, s.pushed_at as "pushed_at: Ts"
                , null::timestamptz as "created_at: Ts"
             from tag_sightings s
            where s.repository = $1 and s.first_seen <= $2 and (s.ended_at is null or s.ended_at > $2)
            order by (s.tag = any ($3) or s.digest = any ($3)) desc, s.first_seen desc, s.tag
            limit $4"#,
        repository,
        at.to_sqlx() as _,
        wanted,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// The tag of a repository that was seen last.
pub struct NewestRow {
    pub repository: String,
    pub tag: String,
    pub digest: String,
    pub first_seen: Ts,
    pub pushed_at: Option<Ts>,
    /// It was seen to come; else it was there before the first look.
    pub came: bool,
}

/// Of each repository the tag that was seen last, of those there are at a moment.
pub async fn newest(
    conn: &mut PgConnection,
    repositories: &[String],
    at: Timestamp,
) -> sqlx::Result<Vec<NewestRow>> {
    sqlx::query_as!(
        NewestRow,
        r#"select r.name as repository, s.tag, s.digest, s.first_seen as "first_seen: Ts", s.pushed_at as "pushed_at: Ts"
                , coalesce(s.first_seen > r.settled_at, false) as "came!"
             from repositories r
            cross join lateral (
                  select t.tag, t.digest, t.first_seen, t.pushed_at from tag_sightings t
                   where t.repository = r.id and t.first_seen <= $2 and (t.ended_at is null or t.ended_at > $2)
                   order by t.first_seen desc, t.tag desc limit 1) s
            where r.name = any ($1)"#,
        repositories,
        at.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await
}
