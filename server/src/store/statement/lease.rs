//! Statements of the lease.

use sqlx::PgConnection;

/// The lease as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub holder: String,
    pub epoch: i64,
    pub expired: bool,
    pub released: bool,
    /// Microseconds; tells one renewal from the next.
    pub expires_at: i64,
}

/// Who holds it.
pub async fn read(conn: &mut PgConnection, name: &str) -> sqlx::Result<Option<Held>> {
    let row = sqlx::query!(
        r#"select holder, epoch, released, expires_at, expires_at <= clock_timestamp() as "expired!"
             from lease where name = $1"#,
        name,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Held {
        holder: row.holder,
        epoch: row.epoch,
        expired: row.expired,
        released: row.released,
        expires_at: row.expires_at.to_jiff().as_microsecond(),
    }))
}

/// Takes a lease that nobody ever held. Returns its epoch, or nothing where another was quicker.
pub async fn create(
    conn: &mut PgConnection,
    name: &str,
    holder: &str,
    ttl_s: f64,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"insert into lease (name, holder, epoch, acquired_at, expires_at)
           values ($1, $2, 1, clock_timestamp(), clock_timestamp() + make_interval(secs => $3))
           on conflict (name) do nothing
           returning epoch"#,
        name,
        holder,
        ttl_s,
    )
    .fetch_optional(conn)
    .await
}

/// Waits until no write of the present holder is under way, and keeps new ones out.
pub async fn lock(conn: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query!(r#"select epoch from lease where name = $1 for update"#, name).fetch_optional(conn).await?;
    Ok(())
}

/// Takes a lease whose holder let it run out or gave it back, provided that it is still the one that was
/// seen.
pub async fn take(
    conn: &mut PgConnection,
    name: &str,
    holder: &str,
    ttl_s: f64,
    seen_epoch: i64,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"update lease
              set holder = $2
                , epoch = epoch + 1
                , acquired_at = clock_timestamp()
                , expires_at = clock_timestamp() + make_interval(secs => $3)
                , released = false
            where name = $1 and epoch = $4 and (released or expires_at <= clock_timestamp())
        returning epoch"#,
        name,
        holder,
        ttl_s,
        seen_epoch,
    )
    .fetch_optional(conn)
    .await
}

/// Prolongs one's own lease. An unchanged epoch proves that nobody led in between, even where it had run out.
pub async fn renew(
    conn: &mut PgConnection,
    name: &str,
    holder: &str,
    ttl_s: f64,
    epoch: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"update lease
              set expires_at = clock_timestamp() + make_interval(secs => $3)
            where name = $1 and holder = $2 and epoch = $4 and not released"#,
        name,
        holder,
        ttl_s,
        epoch,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives one's own lease back.
pub async fn release(conn: &mut PgConnection, name: &str, holder: &str, epoch: i64) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"update lease set released = true, expires_at = clock_timestamp()
            where name = $1 and holder = $2 and epoch = $3"#,
        name,
        holder,
        epoch,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
