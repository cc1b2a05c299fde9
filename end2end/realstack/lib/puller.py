#!/usr/bin/env python3
"""What a kubelet does before it starts a container: asks the registry which digest the image has now.

usage: puller.py      (APISERVER, APISERVER_CA, ADMIN_TOKEN, REGISTRY)

A pod that waits with the scheduling gate `realstack/pull` gets `realstack/digest.CONTAINER` for each of its images that the
registry knows, then is let go; the stages of kwok-stages.yaml write these digests as imageID. So a moved tag runs
as what it was when the pod was born.
"""
import sys, time
import kube

GATE = "realstack/pull"


def pull(pod):
    notes = {}
    for container in pod["spec"]["containers"] + pod["spec"].get("initContainers", []):
        image = kube.own_image(container["image"])
        try:
            if image and not image[2]:
                notes[f"realstack/digest.{container['name']}"] = kube.digest(image[0], image[1] or "latest")
        except kube.TROUBLE as why:
            print(f"{container['image']}: {why}", flush=True)
    gates = [gate for gate in pod["spec"]["schedulingGates"] if gate["name"] != GATE]
    name = pod["metadata"]
    kube.merge(f"/api/v1/namespaces/{name['namespace']}/pods/{name['name']}",
               {"metadata": {"annotations": notes}, "spec": {"schedulingGates": gates or None}})


while True:
    try:
        for pod in kube.api("GET", "/api/v1/pods?fieldSelector=status.phase%3DPending")["items"]:
            if any(gate["name"] == GATE for gate in pod["spec"].get("schedulingGates", [])):
                pull(pod)
    except kube.TROUBLE as why:
        print(why, file=sys.stderr, flush=True)
    time.sleep(0.3)
