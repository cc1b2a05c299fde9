//! What `doctor` asks.

use jiff::Timestamp;
use sqlx::PgConnection;

/// About the server and the connection.
pub struct Server {
    pub version: String,
    pub version_num: i32,
    pub in_recovery: bool,
    pub read_only: bool,
    pub role: String,
    pub database: String,
    pub migrated: bool,
    pub clock: Timestamp,
    pub bytes: i64,
}

/// Asks for it.
pub async fn server(conn: &mut PgConnection) -> sqlx::Result<Server> {
    let row = sqlx::query!(
        r#"select current_setting('server_version') as "version!"
                , current_setting('server_version_num')::int as "version_num!"
                , pg_is_in_recovery() as "in_recovery!"
                , current_setting('transaction_read_only') = 'on' as "read_only!"
                , current_user::text as "role!"
                , current_database()::text as "database!"
                , to_regclass('public._sqlx_migrations') is not null as "migrated!"
                , clock_timestamp() as "clock!"
                , pg_database_size(current_database()) as "bytes!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(Server {
        version: row.version,
        version_num: row.version_num,
        in_recovery: row.in_recovery,
        read_only: row.read_only,
        role: row.role,
        database: row.database,
        migrated: row.migrated,
        clock: row.clock.to_jiff(),
        bytes: row.bytes,
    })
}

/// The role, and whether it may make tables where they would lie.
pub async fn may_migrate(conn: &mut PgConnection) -> sqlx::Result<(String, bool)> {
    // Without a schema at all, as for a role without rights on `public`, the answer is null.
    sqlx::query_as(
        "select current_user::text, coalesce(has_schema_privilege(current_schema()::text, 'CREATE'), false)",
    )
    .fetch_one(conn)
    .await
}

/// Numbers of the migrations that are applied.
pub async fn applied(conn: &mut PgConnection) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(r#"select version from _sqlx_migrations where success order by version"#)
        .fetch_all(conn)
        .await
}

/// Privileges that the role lacks for its work, such as `insert on transitions`.
pub async fn lacking(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select p.privilege || ' on ' || t.name as "lack!"
             from (values ('transitions', 'select,insert'), ('frames', 'select,insert'), ('source_history', 'select,insert')
                        , ('gaps', 'select,insert'), ('keyframes', 'select,insert')
                        , ('observations', 'select,insert,update,delete'), ('sources', 'select,insert,update')
                        , ('findings', 'select,insert,update,delete'), ('transition_seen', 'select,insert,delete')
                        , ('lease', 'select,insert,update'), ('head', 'select,update'), ('entities', 'select,insert,update')
                        , ('repositories', 'select,insert,update'), ('tag_sightings', 'select,insert,update')
                        , ('digests', 'select,insert,update'), ('digest_children', 'select,insert')
                        , ('pulls', 'select,insert,update,delete'), ('preview_steps', 'select,insert,delete')
                  ) as t (name, privileges)
            cross join lateral unnest(string_to_array(t.privileges, ',')) as p (privilege)
            where not coalesce(has_table_privilege(to_regclass('public.' || t.name), p.privilege), false)
            union all
           select 'execute on ' || f.name
             from (values ('landfall_add_month(timestamptz)'), ('landfall_drop_months(timestamptz)')) as f (name)
            where not coalesce(has_function_privilege(to_regprocedure('public.' || f.name), 'execute'), false)
            order by 1"#
    )
    .fetch_all(conn)
    .await
}

/// Whether the role could change what was recorded.
pub async fn may_change_history(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select coalesce(has_table_privilege(to_regclass('public.transitions'), 'update')
                        or has_table_privilege(to_regclass('public.transitions'), 'delete'), false) as "may!""#
    )
    .fetch_one(conn)
    .await
}
