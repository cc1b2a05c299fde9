//! Statements about what is behind digests.

use jiff_sqlx::Timestamp as Ts;
use sqlx::PgConnection;

/// Columns of what was read.
#[derive(Default)]
pub struct Columns {
    pub digest: Vec<String>,
    pub media_type: Vec<String>,
    pub config: Vec<Option<String>>,
    pub platform: Vec<Option<String>>,
    pub created_at: Vec<Option<Ts>>,
    pub created_text: Vec<Option<String>>,
    pub labels: Vec<String>,
    pub bytes: Vec<Option<i64>>,
    /// Those of one image with a blank between them.
    pub layers: Vec<Option<String>>,
    pub error: Vec<Option<String>>,
    pub parent: Vec<String>,
    pub child: Vec<String>,
    pub child_platform: Vec<Option<String>>,
}

/// Keeps what was read; only what could not be read before is written anew.
pub async fn keep(conn: &mut PgConnection, rows: &Columns) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"insert into digests as d
             (digest, media_type, config, platform, created_at, created_text, labels, bytes, layers, error
             , described_at)
           select n.digest, n.media_type, n.config, n.platform::jsonb, n.created_at, n.created_text, n.labels::jsonb
                , n.bytes, string_to_array(n.layers, ' '), n.error, clock_timestamp()
             from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[]
                       , $8::bigint[], $9::text[], $10::text[])
               as n (digest, media_type, config, platform, created_at, created_text, labels, bytes, layers, error)
           on conflict (digest) do update
              set media_type = excluded.media_type
                , config = excluded.config
                , platform = excluded.platform
                , created_at = excluded.created_at
                , created_text = excluded.created_text
                , labels = excluded.labels
                , bytes = excluded.bytes
                , layers = excluded.layers
                , error = excluded.error
                , described_at = excluded.described_at
            where d.error is not null"#,
        &rows.digest,
        &rows.media_type,
        &rows.config as _,
        &rows.platform as _,
        &rows.created_at as _,
        &rows.created_text as _,
        &rows.labels,
        &rows.bytes as _,
        &rows.layers as _,
        &rows.error as _,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Keeps which platforms an index has.
pub async fn keep_children(conn: &mut PgConnection, rows: &Columns) -> sqlx::Result<()> {
    sqlx::query!(
        r#"insert into digest_children (parent, child, platform)
           select n.parent, n.child, n.platform::jsonb
             from unnest($1::text[], $2::text[], $3::text[]) as n (parent, child, platform)
           on conflict do nothing"#,
        &rows.parent,
        &rows.child,
        &rows.child_platform as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Those of these digests that are not known, or could not be read some hours ago.
pub async fn unknown(conn: &mut PgConnection, digests: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select n.digest as "digest!" from unnest($1::text[]) as n (digest)
            where not exists (
                  select from digests d
                   where d.digest = n.digest
                     and (d.error is null or d.described_at > clock_timestamp() - interval '6 hours')
                  )"#,
        digests,
    )
    .fetch_all(conn)
    .await
}

/// Digests that tags of a repository point at and that are not known, those seen last first.
pub async fn undescribed(conn: &mut PgConnection, repository: &str, limit: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select s.digest from tag_sightings s join repositories r on r.id = s.repository
            where r.name = $1 and s.ended_at is null
              and not exists (
                  select from digests d
                   where d.digest = s.digest
                     and (d.error is null or d.described_at > clock_timestamp() - interval '6 hours')
                  )
            group by s.digest
            order by max(s.first_seen) desc, max(s.tag) desc
            limit $2"#,
        repository,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// One platform of an image.
pub struct FactsRow {
    pub digest: String,
    /// Null where only its index could be read.
    pub manifest: Option<String>,
    pub config: Option<String>,
    pub platform: Option<String>,
    pub created: Option<String>,
    pub error: Option<String>,
    /// Of its labels: the commit, and the repository that holds it.
    pub revision: Option<String>,
    pub source: Option<String>,
}

/// What is behind digests, a row for each platform; none for what was never read.
pub async fn facts(conn: &mut PgConnection, digests: &[String]) -> sqlx::Result<Vec<FactsRow>> {
    sqlx::query_as!(
        FactsRow,
        r#"select d.digest, c.digest as "manifest?", c.config, c.platform::text as platform
                , coalesce(c.created_text
                         , to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) as created
                , coalesce(d.error, c.error) as error
                , jsonb_path_query_first(c.labels, '$[*] ? (@.name == "org.opencontainers.image.revision").value') #>> '{}'
                    as revision
                , jsonb_path_query_first(c.labels, '$[*] ? (@.name == "org.opencontainers.image.source").value') #>> '{}'
                    as source
             from digests d
             left join digest_children i on i.parent = d.digest
             left join digests c on c.digest = coalesce(i.child, d.digest)
            where d.digest = any ($1)
            order by d.digest, c.digest"#,
        digests,
    )
    .fetch_all(conn)
    .await
}
