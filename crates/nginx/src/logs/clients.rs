//! Who an address is: `clients.toml`.

use std::net::IpAddr;

use serde::Deserialize;

use crate::config::Net;

/// A named caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// Addresses or networks.
    pub addresses: Vec<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    client: Vec<Client>,
}

/// All named callers.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    clients: Vec<Client>,
    /// Networks, narrowest first.
    nets: Vec<(Net, usize)>,
}

impl Clients {
    /// Reads `clients.toml`; the error says line and column where it is one of the syntax.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut nets = Vec::new();
        for (index, client) in file.client.iter().enumerate() {
            for address in &client.addresses {
                let net = Net::parse(address)
                    .ok_or_else(|| format!("client {}: \"{address}\" is no address or CIDR", client.name))?;
                nets.push((net, index));
            }
        }
        nets.sort_by_key(|(net, _)| std::cmp::Reverse(net.bits));
        Ok(Self { clients: file.client, nets })
    }

    /// The caller of that address; the narrowest network wins.
    pub fn find(&self, address: &str) -> Option<&Client> {
        let address: IpAddr = address.parse().ok()?;
        let (_, index) = self.nets.iter().find(|(net, _)| net.contains(address))?;
        self.clients.get(*index)
    }
}
