//! Variables: which exist, where they come from.

use std::collections::HashMap;

use crate::syntax::Pos;

/// Index of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct VarId(pub usize);

/// Variables that a request alone decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    Uri,
    RequestUri,
    Args,
    IsArgs,
    Host,
    RemoteAddr,
    BinaryRemoteAddr,
    RealipRemoteAddr,
    RemoteUser,
    Scheme,
    Https,
    ServerName,
    ServerPort,
    ServerAddr,
    ServerProtocol,
    RequestMethod,
    Request,
    DocumentRoot,
    RequestFilename,
    ProxyAddXff,
    SslServerName,
    ContentLength,
    ContentType,
    InvalidReferer,
    /// nginx knows it, the request alone does not decide it.
    Opaque,
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VarDef {
    /// Only used so far; an error at the end unless a foreign module may define it.
    Undefined,
    Builtin(Builtin),
    /// `$http_name`: the header, with dashes.
    Header(String),
    Arg(Vec<u8>),
    Cookie(Vec<u8>),
    Map(usize),
    Geo(usize),
    Split(usize),
    /// `set`; empty until then.
    Set,
    /// A named group of a pattern.
    Group,
    /// Defined by a directive whose value we cannot know.
    Foreign(Pos),
}

#[derive(Debug, Clone)]
pub(crate) struct Var {
    pub name: String,
    pub def: VarDef,
    /// The value is kept for the whole request once it was computed.
    pub cacheable: bool,
    /// First use.
    pub pos: Pos,
}

/// The table of variables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vars {
    pub all: Vec<Var>,
    index: HashMap<String, VarId>,
}

/// Known variables whose value depends on time, connection, upstream or disk.
const OPAQUE: &[&str] = &[
    "ancient_browser",
    "body_bytes_sent",
    "bytes_sent",
    "connection",
    "connection_requests",
    "connection_time",
    "connections_active",
    "connections_reading",
    "connections_waiting",
    "connections_writing",
    "content_encoding",
    "date_gmt",
    "date_local",
    "fastcgi_path_info",
    "fastcgi_script_name",
    "gzip_ratio",
    "hostname",
    "http2",
    "http3",
    "limit_conn_status",
    "limit_rate",
    "limit_req_status",
    "memcached_key",
    "modern_browser",
    "msec",
    "msie",
    "nginx_version",
    "pid",
    "pipe",
    "proxy_host",
    "proxy_internal_body_length",
    "proxy_internal_chunked",
    "proxy_port",
    "proxy_protocol_addr",
    "proxy_protocol_port",
    "proxy_protocol_server_addr",
    "proxy_protocol_server_port",
    "realip_remote_port",
    "realpath_root",
    "remote_port",
    "request_body",
    "request_body_file",
    "request_completion",
    "request_id",
    "request_length",
    "request_time",
    "request_port",
    "is_request_port",
    "secure_link",
    "secure_link_expires",
    "session_log_binary_id",
    "session_log_id",
    "slice_range",
    "status",
    "tcpinfo_rcv_space",
    "tcpinfo_rtt",
    "tcpinfo_rttvar",
    "tcpinfo_snd_cwnd",
    "time_iso8601",
    "time_local",
    "uid_got",
    "uid_reset",
    "uid_set",
    "upstream_addr",
    "upstream_bytes_received",
    "upstream_bytes_sent",
    "upstream_cache_age",
    "upstream_cache_key",
    "upstream_cache_last_modified",
    "upstream_cache_status",
    "upstream_connect_time",
    "upstream_header_time",
    "upstream_last_server_name",
    "upstream_queue_time",
    "upstream_response_length",
    "upstream_response_time",
    "upstream_status",
    "server_addr_port",
    "ssl_alpn_protocol",
    "ssl_cipher",
    "ssl_ciphers",
    "ssl_client_cert",
    "ssl_client_escaped_cert",
    "ssl_client_fingerprint",
    "ssl_client_i_dn",
    "ssl_client_i_dn_legacy",
    "ssl_client_raw_cert",
    "ssl_client_s_dn",
    "ssl_client_s_dn_legacy",
    "ssl_client_serial",
    "ssl_client_v_end",
    "ssl_client_v_remain",
    "ssl_client_v_start",
    "ssl_client_verify",
    "ssl_client_sigalg",
    "ssl_curve",
    "ssl_curves",
    "ssl_early_data",
    "ssl_protocol",
    "ssl_server_cert_type",
    "ssl_session_id",
    "ssl_session_reused",
    "ssl_sigalg",
    "ssl_preread_server_name",
    "proxy_add_via",
    "geoip_area_code",
    "geoip_city",
    "geoip_city_continent_code",
    "geoip_city_country_code",
    "geoip_city_country_code3",
    "geoip_city_country_name",
    "geoip_country_code",
    "geoip_country_code3",
    "geoip_country_name",
    "geoip_dma_code",
    "geoip_latitude",
    "geoip_longitude",
    "geoip_org",
    "geoip_postal_code",
    "geoip_region",
    "geoip_region_name",
];

fn builtin(name: &str) -> Option<(VarDef, bool)> {
    use Builtin as B;
    let (builtin, cacheable) = match name {
        "uri" | "document_uri" => (B::Uri, false),
        "request_uri" => (B::RequestUri, true),
        "args" | "query_string" => (B::Args, false),
        "is_args" => (B::IsArgs, false),
        "host" => (B::Host, true),
        "remote_addr" => (B::RemoteAddr, true),
        "binary_remote_addr" => (B::BinaryRemoteAddr, true),
        "realip_remote_addr" => (B::RealipRemoteAddr, true),
        "remote_user" => (B::RemoteUser, true),
        "scheme" => (B::Scheme, true),
        "https" => (B::Https, true),
        "server_name" => (B::ServerName, false),
        "server_port" => (B::ServerPort, true),
        "server_addr" => (B::ServerAddr, true),
        "server_protocol" => (B::ServerProtocol, true),
        "request_method" => (B::RequestMethod, false),
        "request" => (B::Request, true),
        "document_root" => (B::DocumentRoot, false),
        "request_filename" => (B::RequestFilename, false),
        "proxy_add_x_forwarded_for" => (B::ProxyAddXff, false),
        "ssl_server_name" => (B::SslServerName, true),
        "content_length" => (B::ContentLength, true),
        "content_type" => (B::ContentType, true),
        "invalid_referer" => (B::InvalidReferer, true),
        _ if OPAQUE.contains(&name) => (B::Opaque, false),
        _ => {
            return if let Some(header) = name.strip_prefix("http_") {
                Some((VarDef::Header(header.replace('_', "-")), true))
            } else if let Some(arg) = name.strip_prefix("arg_") {
                Some((VarDef::Arg(arg.as_bytes().to_vec()), false))
            } else if let Some(cookie) = name.strip_prefix("cookie_") {
                Some((VarDef::Cookie(cookie.as_bytes().to_vec()), true))
            } else if [
                "sent_http_",
                "sent_trailer_",
                "upstream_http_",
                "upstream_trailer_",
                "upstream_cookie_",
                "proxy_protocol_tlv_",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            {
                Some((VarDef::Builtin(B::Opaque), false))
            } else {
                None
            };
        }
    };
    Some((VarDef::Builtin(builtin), cacheable))
}

impl Vars {
    /// The variable of that name, for use.
    pub fn used(&mut self, name: &[u8], pos: Pos) -> VarId {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if let Some(id) = self.index.get(&name) {
            return *id;
        }
        let (def, cacheable) = builtin(&name).unwrap_or((VarDef::Undefined, true));
        let id = VarId(self.all.len());
        self.index.insert(name.clone(), id);
        self.all.push(Var { name, def, cacheable, pos });
        id
    }

    /// Defines the variable. The error is nginx's: a variable of nginx's own cannot be redefined.
    pub fn define(&mut self, name: &[u8], def: VarDef, pos: Pos) -> Result<VarId, String> {
        let id = self.used(name, pos);
        let var = &mut self.all[id.0];
        match (&var.def, &def) {
            // `set`, groups and $args write the value; they do not take the definition away
            (VarDef::Builtin(Builtin::Args), VarDef::Set)
            | (VarDef::Map(_) | VarDef::Geo(_) | VarDef::Split(_), VarDef::Set | VarDef::Group)
            | (VarDef::Set, VarDef::Group) => {}
            (VarDef::Builtin(Builtin::Opaque), VarDef::Set) if var.name == "limit_rate" => {}
            (VarDef::Builtin(Builtin::Opaque), _)
                if ["sent_", "upstream_http", "upstream_cookie", "upstream_trailer"]
                    .iter()
                    .any(|prefix| var.name.starts_with(prefix)) =>
            {
                var.def = def;
            }
            (VarDef::Builtin(_), _) => return Err(format!("the duplicate \"{}\" variable", var.name)),
            _ => {
                var.def = def;
                var.cacheable = true;
            }
        }
        Ok(id)
    }

    /// The definition of `id`.
    pub fn get(&self, id: VarId) -> &Var {
        &self.all[id.0]
    }
}

/// The name of a variable after `$`, as `set` and `map` take it.
pub(super) fn name_of(word: &[u8]) -> Option<&[u8]> {
    word.strip_prefix(b"$").filter(|name| !name.is_empty())
}
