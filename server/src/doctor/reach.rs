//! The way to mend a server that cannot be reached, by what went wrong.

use crate::{
    config::{Access, Cluster, Secret},
    watch::Failure,
};

/// What to do about a failure of the first request to a cluster.
pub fn way_to_reach(cluster: &Cluster, failure: &Failure) -> String {
    match failure {
        Failure::Refused { .. } => refused(&cluster.access),
        Failure::NotAllowed(name) => format!(
            "if this machine may run it: exec = [{name:?}] in this [[cluster]]; or make an account with \
             deploy/rbac.yaml and give its token with `server`, `ca_file`, `token_file`"
        ),
        Failure::Credentials(why) => credentials(&cluster.access, &why.text),
        Failure::Connection(why) => connection(&cluster.access, why),
        Failure::Silent(_) => format!("a firewall may swallow the packets; {}", by_hand(&cluster.access)),
        _ => format!("is it the API server? {}", by_hand(&cluster.access)),
    }
}

fn refused(access: &Access) -> String {
    match access {
        Access::Server { token: Some(token), .. } => format!(
            "the server does not accept the token from {token}: kubectl create token landfall --namespace landfall"
        ),
        Access::Server { token: None, .. } => {
            "no token is given: add `token_file` or `token_env`; deploy/rbac.yaml makes the account"
                .to_owned()
        }
        Access::InCluster(_) => {
            "the pod's account is not accepted: was the ServiceAccount made anew? restart the pod".to_owned()
        }
        Access::Kubeconfig { .. } => {
            format!("the server does not accept these credentials: renew them; {}", by_hand(access))
        }
    }
}

fn credentials(access: &Access, why: &str) -> String {
    match access {
        _ if why.contains("is not set") && !matches!(access, Access::InCluster(_)) => {
            "set the variable in the environment of this process, or use `token_file`".to_owned()
        }
        Access::InCluster(pod) if pod.url.is_none() => {
            "outside of a cluster use `kubeconfig`, or `server` with `token_file` and `ca_file`".to_owned()
        }
        Access::InCluster(_) => "the pod needs `automountServiceAccountToken: true`".to_owned(),
        Access::Kubeconfig { .. } if why.contains("there is no context") => {
            "correct `context`, or leave it out for the current one".to_owned()
        }
        Access::Kubeconfig { .. } if why.contains("`proxy-url`") => {
            "reach it from a machine that needs no proxy, or by a tunnel and `server`".to_owned()
        }
        Access::Kubeconfig { .. } if why.contains("holds a user name") => {
            "take user name and password out of the URL".to_owned()
        }
        Access::Kubeconfig { .. } if why.starts_with('`') => {
            "the command must work without a terminal; its own login may have ended".to_owned()
        }
        _ if why.contains("holds no certificate") => {
            "put the authority's certificate there, in the form -----BEGIN CERTIFICATE-----".to_owned()
        }
        _ => "correct the path, or make the file readable".to_owned(),
    }
}

fn connection(access: &Access, why: &str) -> String {
    let says = |part: &str| why.contains(part);
    // An authority that was made anew under the same name, as kubeadm does, is noticed by its signature only.
    if says("UnknownIssuer") || says("BadSignature") {
        return match access {
            Access::Server { ca_file: None, .. } => {
                "give the authority that signed the server's certificate: `ca_file`".to_owned()
            }
            Access::Server { ca_file: Some(file), .. } => {
                format!("another authority signed it: replace `ca_file`, {}", file.display())
            }
            _ => "another authority signed it: renew the authority of the kubeconfig".to_owned(),
        };
    }
    if says("not valid for") || says("NotValidForName") {
        return "use a name that the certificate holds, or add this one to it".to_owned();
    }
    if says("expired") || says("not valid yet") {
        return "renew the server's certificate, or set this machine's clock right".to_owned();
    }
    if says("corrupt message") || says("InvalidContentType") {
        return "that port does not speak TLS: is it http, or another port?".to_owned();
    }
    if says("ertificate") || says("fatal alert") {
        return format!("the server asks for another certificate; {}", by_hand(access));
    }
    if says("refused") {
        return format!("nothing listens there: is the port right? {}", by_hand(access));
    }
    if says("dns") || says("lookup") {
        return "this machine does not know that name: correct the URL, or its DNS".to_owned();
    }
    by_hand(access)
}

/// A command that tries the same.
fn by_hand(access: &Access) -> String {
    match access {
        Access::Kubeconfig { path, context, .. } => {
            let context = context.as_ref().map(|context| format!(" --context {context}")).unwrap_or_default();
            format!("try: kubectl --kubeconfig {}{context} version", path.display())
        }
        Access::Server { url, ca_file, token } => {
            let ca = ca_file.as_ref().map(|file| format!(" --cacert {}", file.display())).unwrap_or_default();
            let token = match token {
                Some(Secret::File(file)) => {
                    format!(" -H \"Authorization: Bearer $(cat {})\"", file.display())
                }
                Some(Secret::Variable(name)) => format!(" -H \"Authorization: Bearer ${name}\""),
                None => String::new(),
            };
            format!("try: curl{ca}{token} {url}/version")
        }
        Access::InCluster(pod) => {
            format!("is a NetworkPolicy in the way to {}?", pod.url.as_deref().unwrap_or("the API server"))
        }
    }
}
