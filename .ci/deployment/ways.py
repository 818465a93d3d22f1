"""The ways in which the chart is rendered: the examples that it comes with, and what they leave alone."""

from helm import MANY, ROLES, SECRET, examples, merged

# Every value that the examples leave alone.
EVERYTHING = merged(
    MANY,
    {
        "image": {"registry": "registry.example", "digest": "sha256:" + "0" * 64, "pullSecrets": ["pull"]},
        "eventLog": {"mode": "esdb", "esdb": {"url": "esdb://a:2113,b:2113?tls=true"}},
        "kafka": {"brokers": ["broker:9092"], "existingSecret": "kafka", "key": "relay.properties"},
        "metrics": {"podMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
        "networkPolicy": {
            "gateway": {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "proxy"}}}]},
            "egress": {"dns": {"to": [{"ipBlock": {"cidr": "169.254.20.10/32"}}]}},
        },
        "serviceAccount": {"annotations": {"who": "kiban"}},
        "defaults": {
            "podLabels": {"team": "forum"},
            "podAnnotations": {"why": "test"},
            "priorityClassName": "high",
            "nodeSelector": {"disk": "fast"},
            "tolerations": [{"key": "dedicated", "operator": "Exists"}],
            "affinity": {
                "nodeAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 1, "preference": {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}},
                    ]
                }
            },
            "extraEnv": [{"name": "TOKIO_WORKER_THREADS", "value": "2"}],
            "extraArgs": [],
        },
        "roles": {
            "gateway": {"replicas": 2, "trustedPeers": ["10.9.0.0/16"]},
            "relay": {"enabled": True, "replicas": 2},
            "directory": {"replicas": 2, "persistence": {"enabled": True, "storageClass": "fast"}},
        },
    },
)
LEAST = {
    "metrics": {"enabled": False},
    "networkPolicy": {"enabled": True},
    "podDisruptionBudget": {"enabled": False},
    "serviceAccount": {"create": False},
    "roles": {"all": {"persistence": {"enabled": False}}},
}
OPEN = merged(
    MANY,
    {"networkPolicy": {"enabled": False}, "eventLog": {"secret": {"value": SECRET}, "readers": ["10.8.0.0/16"]}},
)

# By what values which roles are deployed.
DEPLOYED = {
    "defaults": ["all"],
    "single-node": ["all"],
    "many-processes": [role for role in ROLES if role != "relay"],
    "cluster": [role for role in ROLES if role != "event-log"],
    "everything": [role for role in ROLES if role != "event-log"],
    "least": ["all"],
    "open": [role for role in ROLES if role != "relay"],
}


def all_ways(chart):
    return {**examples(chart), "everything": EVERYTHING, "least": LEAST, "open": OPEN}
