#!/usr/bin/env python3
"""Stands in for Argo CD Image Updater v1.3 where its program is not at hand: does what the real one was recorded doing.

usage: updater.py INTERVAL_SECONDS PORT FOLDER      (APISERVER, APISERVER_CA, ADMIN_TOKEN, REGISTRY, FORGE)

Plays what this stack's stories need, no more: ImageUpdater objects in `argocd`, the strategies newest-build and alphabetical,
`allowTags: regexp:...`, write-back into the Application (Kustomize) or into a kustomization in Git.
As recorded:
 * a cycle each interval, and at once when the object's generation changes;
 * the image that the Application reports is compared by tag with the pick; an older pick replaces a newer tag, so a hand edit is
   undone; what stands in the spec already is not written again;
 * a tag's date is read once and kept until the program ends;
 * an ImagesUpdated Event after each write that worked. A write to Git counts as one in each cycle until the tag runs;
 * recentUpdates is replaced only by a cycle that updated something, and then lists what failed too: Error=True, Ready=True.
"""
import base64, fnmatch, json, os, re, subprocess, sys, threading, time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import kube

INTERVAL, PORT, FOLDER = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
NAMESPACE, MANAGER = "argocd", "argocd-image-updater"
APPS = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications"
OBJECTS = f"/apis/argocd-image-updater.argoproj.io/v1alpha1/namespaces/{NAMESPACE}/imageupdaters"
dates = {}


class Failed(Exception):
    pass


def log(words, **more):
    print(json.dumps({"time": now(), "msg": words, **more}), flush=True)


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def created(repository, tag):
    if (repository, tag) not in dates:
        manifest = json.loads(kube.ask(f"{repository}/manifests/{tag}")[1])
        config = json.loads(kube.ask(f"{repository}/blobs/{manifest['config']['digest']}")[1])
        dates[repository, tag] = config["created"]
    return dates[repository, tag]


def pick(repository, strategy, allow):
    tags = json.loads(kube.ask(f"{repository}/tags/list")[1])["tags"] or []
    if allow:
        tags = [tag for tag in tags if re.search(allow.removeprefix("regexp:"), tag)]
    if strategy == "newest-build":
        return max(tags, key=lambda tag: (created(repository, tag), tag), default=None)
    if strategy == "alphabetical":
        return max(tags, default=None)
    raise Failed(f"strategy {strategy} is not played here")


def set_in_spec(app, image):
    """Into the Application; False where it stands there already."""
    name = image.rpartition(":")[0]
    images = app["spec"]["source"].get("kustomize", {}).get("images", [])
    if image in images:
        return False
    images = [other for other in images if other.rpartition(":")[0] != name] + [image]
    path = f"{APPS}/{app['metadata']['name']}?fieldManager={MANAGER}"
    kube.merge(path, {"spec": {"source": {"kustomize": {"images": images}}}})
    return True


def commit(app, reference, repository, old, new):
    """Into Git, with the credentials that Argo CD knows for this URL; the second time there is nothing to commit."""
    source, name = app["spec"]["source"], app["metadata"]["name"]
    secrets = kube.api("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets?labelSelector=argocd.argoproj.io/secret-type%3Drepository")
    urls = [secret["data"].get("url") for secret in secrets["items"]]
    if source["repoURL"].encode() not in [base64.b64decode(url or "") for url in urls]:
        raise Failed(f"could not get creds for repo '{name}': credentials for '{source['repoURL']}' are not configured in Argo CD settings")
    branch = reference["writeBackConfig"]["gitConfig"]["branch"]
    clone = os.path.join(FOLDER, name)
    git = lambda *more: subprocess.run(["git", "-C", clone, "-c", f"user.name={MANAGER}", "-c", "user.email=noreply@argoproj.io",
                                        "-c", "commit.gpgsign=false", *more], check=True, capture_output=True, timeout=30)
    if not os.path.isdir(clone):
        subprocess.run(["git", "clone", "-q", source["repoURL"], clone], check=True, capture_output=True, timeout=30)
    git("fetch", "-q", "origin", branch)
    git("checkout", "-q", "--force", "-B", branch, "FETCH_HEAD")
    file = os.path.join(clone, source["path"], "kustomization.yaml")
    with open(file) as opened:
        before = opened.read()
    after = re.sub(rf"(- name: {re.escape(kube.REGISTRY)}/{re.escape(repository)}\n  newTag: ).*", rf'\g<1>"{new}"', before)
    if after == before:
        log("target parameter file and marshaled data are the same, skipping commit.", application=name)
        return
    with open(file, "w") as opened:
        opened.write(after)
    git("commit", "-qam", f"build: automatic update of {name}\n\nupdates image {repository} tag {old} to {new}")
    git("push", "-q", "origin", branch)


def tell(app, repository, old, new):
    meta, at = app["metadata"], now()
    prefix = "argocd-image-updater.image-0"
    kube.api("POST", f"/api/v1/namespaces/{NAMESPACE}/events", {
        "apiVersion": "v1", "kind": "Event", "type": "Normal", "reason": "ImagesUpdated", "count": 1,
        "message": f"Successfully updated application '{meta['name']}'", "source": {"component": "ArgocdImageUpdater"},
        "firstTimestamp": at, "lastTimestamp": at,
        "metadata": {"name": f"{meta['name']}.{time.time_ns():x}", "namespace": NAMESPACE, "annotations": {
            f"{prefix}/full-image-name": f"{kube.REGISTRY}/{repository}", f"{prefix}/image-name": repository,
            f"{prefix}/old-tag": old, f"{prefix}/new-tag": new}},
        "involvedObject": {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "name": meta["name"], "namespace": NAMESPACE,
                           "uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}})


def update(app, reference, image, claims):
    """One image of one Application. Returns how many were updated; what it claims is told even where the write then fails."""
    settings = image.get("commonUpdateSettings", {})
    own = kube.own_image(image["imageName"])
    running = [kube.own_image(live) for live in app.get("status", {}).get("summary", {}).get("images", [])]
    running = [live[1] for live in running if live and live[0] == own[0]]
    if not running:
        log("Image seems not to be live in this application, skipping", image=image["imageName"])
        return 0
    old, new = running[0], pick(own[0], settings.get("updateStrategy", "semver"), settings.get("allowTags"))
    if new is None or new == old:
        log(f"Image '{kube.REGISTRY}/{own[0]}:{old}' already on latest allowed version", application=app["metadata"]["name"])
        return 0
    by_git = reference.get("writeBackConfig", {}).get("method", "argocd").startswith("git")
    if not by_git and not set_in_spec(app, f"{kube.REGISTRY}/{own[0]}:{new}"):
        log(f"New image {kube.REGISTRY}/{own[0]}:{new} already set in spec", application=app["metadata"]["name"])
        return 0
    claims.append((image["alias"], f"{kube.REGISTRY}/{own[0]}", old, new))
    if by_git:
        commit(app, reference, own[0], old, new)
    log("Successfully updated the live application spec", application=app["metadata"]["name"], new=new)
    tell(app, own[0], old, new)
    return 1


def condition(generation, kind, is_true, reason, message, before):
    status = "True" if is_true else "False"
    old = next((it for it in before if it["type"] == kind and it["status"] == status), None)
    # The real one sets Reconciling twice a cycle, so its time always moves.
    since = old["lastTransitionTime"] if old and kind != "Reconciling" else now()
    return {"type": kind, "status": status, "reason": reason, "message": message, "observedGeneration": generation, "lastTransitionTime": since}


def cycle(updater):
    generation, before = updater["metadata"]["generation"], updater.get("status", {})
    matched = considered = updated = errors = 0
    claims = []
    for app in kube.api("GET", APPS)["items"]:
        fits = (it for it in updater["spec"]["applicationRefs"] if fnmatch.fnmatchcase(app["metadata"]["name"], it["namePattern"]))
        reference = next(fits, None)
        matched += reference is not None
        for image in reference.get("images", []) if reference else []:
            considered += 1
            try:
                updated += update(app, reference, image, claims)
            except (Failed, subprocess.SubprocessError, *kube.TROUBLE) as why:
                errors += 1
                log(f"Could not update application spec: {why}", level="error", application=app["metadata"]["name"])
    status = {"observedGeneration": generation, "lastCheckedAt": now(), "applicationsMatched": matched, "imagesManaged": considered}
    if updated:
        status["lastUpdatedAt"] = status["lastCheckedAt"]
        status["recentUpdates"] = [
            {"alias": alias, "image": image, "newVersion": new, "applicationsUpdated": 1, "message": f"Updated from {old} to {new}.",
             "updatedAt": status["lastCheckedAt"]} for alias, image, old, new in claims]
    old = before.get("conditions", [])
    status["conditions"] = [
        condition(generation, "Reconciling", False, "Idle", "Last check completed. Awaiting next cycle.", old),
        condition(generation, "Error", True, "PartialErrors", f"{errors} error(s) occurred during image update checks.", old) if errors
        else condition(generation, "Error", False, "NoErrors", "No errors during last reconciliation.", old),
        condition(generation, "Ready", True, "ReconcileCompletedWithErrors",
                  f"Reconciled {matched} applications with {errors} errors, {updated} images updated.", old) if errors
        else condition(generation, "Ready", True, "ReconcileSucceeded", f"Reconciled {matched} applications, {updated} images updated.", old)]
    kube.merge(f"{OBJECTS}/{updater['metadata']['name']}/status?fieldManager={MANAGER}", {"status": status})
    log(f"Processing results: applications={matched} images_considered={considered} images_updated={updated} errors={errors}")


class Health(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200)
        self.end_headers()


threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", PORT), Health).serve_forever, daemon=True).start()
os.makedirs(FOLDER, exist_ok=True)
looked = {}
while True:
    try:
        for updater in kube.api("GET", OBJECTS)["items"]:
            uid, generation = updater["metadata"]["uid"], updater["metadata"]["generation"]
            last, at = looked.get(uid, (None, 0))
            if generation != last or time.monotonic() - at >= INTERVAL:
                looked[uid] = generation, time.monotonic()
                cycle(updater)
    except kube.TROUBLE as why:
        log(f"The API server does not answer: {why}", level="error")
    time.sleep(0.5)
