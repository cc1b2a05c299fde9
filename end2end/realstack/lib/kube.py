"""A few calls to the API server, and to a registry: what the players of this stack need."""
import json, os, ssl, urllib.error, urllib.request

SERVER = os.environ["APISERVER"]
REGISTRY = os.environ["REGISTRY"]
TLS = ssl.create_default_context(cafile=os.environ["APISERVER_CA"])
MANIFESTS = ", ".join(f"application/vnd.{kind}" for kind in (
    "oci.image.index.v1+json", "oci.image.manifest.v1+json",
    "docker.distribution.manifest.list.v2+json", "docker.distribution.manifest.v2+json"))
TROUBLE = (OSError, ValueError, urllib.error.HTTPError)


def api(method, path, body=None, kind="application/json"):
    headers = {"Authorization": f"Bearer {os.environ['ADMIN_TOKEN']}", "Content-Type": kind}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SERVER + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=10, context=TLS) as answer:
        return json.load(answer)


def merge(path, body):
    return api("PATCH", path, body, "application/merge-patch+json")


def ask(path, method="GET"):
    request = urllib.request.Request(f"http://{REGISTRY}/v2/{path}", method=method, headers={"Accept": MANIFESTS})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers, answer.read()


def digest(repository, tag):
    return ask(f"{repository}/manifests/{tag}", "HEAD")[0]["Docker-Content-Digest"]


def own_image(image):
    """Repository (without the host), tag and digest of an image of this stack's registry; else None."""
    if not image.startswith(REGISTRY + "/"):
        return None
    name, _, pinned = image[len(REGISTRY) + 1:].partition("@")
    repository, _, tag = name.partition(":")
    return repository, tag or None, pinned or None
