// SPDX-License-Identifier: Apache-2.0

package crd

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// accepted are specs at the edge of what is allowed. Together they set every field that has a CEL rule.
var accepted = []struct{ name, spec string }{
	{"only-room-id", `{roomId: 1}`},
	{"largest-room-id", `{roomId: 9007199254740991}`},
	{"every-quality-once", `{roomId: 1, stream: {qualities: [30000, 20000, 10000, 400, 250, 150, 80]}}`},
	{"other-order", `{roomId: 1, stream: {formats: [fmp4, flv], codecs: [hevc]}}`},
	{"no-avoided-host", `{roomId: 1, stream: {avoidHosts: [], preferHosts: [gotcha04]}}`},
	{"directory-of-parts", `{roomId: 1, recording: {directory: "直播/a b/..c/.d"}}`},
	{"directory-of-255-bytes", `{roomId: 1, recording: {directory: "` + strings.Repeat("直", 85) + `"}}`},
	{"template-with-directories", `{roomId: 1, recording: {fileNameTemplate: "{year}/{month}/{roomId} {shortId} {uid} {anchor} {area} {parentArea} {quality} {part} {title}.{ext}"}}`},
	{"template-of-text", `{roomId: 1, recording: {fileNameTemplate: "one.{ext}"}}`},
	{"time-zones", `{roomId: 1, recording: {timeZone: America/Argentina/Buenos_Aires}}`},
	{"least-splits", `{roomId: 1, recording: {splitSeconds: 10, splitSize: 1Mi}}`},
	{"splits-in-other-units", `{roomId: 1, recording: {splitSeconds: 604800, splitSize: 1.5G}}`},
	{"split-size-as-number", `{roomId: 1, recording: {splitSize: 1048576}}`},
	{"splits-off-as-text", `{roomId: 1, recording: {splitSize: "0"}}`},
	{"windows", `{roomId: 1, recording: {windows: [{days: [Sat, Sun], from: "20:00", to: "02:00"}, {from: "00:00", to: "24:00"}]}}`},
	{"proxy", `{roomId: 1, transport: {proxy: "http://proxy.example:3128"}}`},
	{"proxy-with-slash", `{roomId: 1, transport: {proxy: "http://[2001:db8::1]:3128/"}}`},
	{"shortest-times", `{roomId: 1, transport: {socketTimeoutSeconds: 1, retryIntervalSeconds: 1, maxRetryTimes: 1, pollIntervalSeconds: 20}}`},
	{"claim", `{roomId: 1, storage: {claimName: shared.archive}, retention: {minFree: "0", maxSize: 1Ti, maxAgeSeconds: 1}}`},
	{"claim-template", `{roomId: 1, storage: {whenDeleted: Delete, volumeClaimTemplate: {metadata: {labels: {team: a, app.kubernetes.io/part-of: x},
		annotations: {note: b}}, spec: {accessModes: [ReadWriteOncePod], storageClassName: "", resources: {requests: {storage: 1}}}}},
		retention: {minFree: 10Gi}}`},
	{"claim-template-of-two-modes", `{roomId: 1, storage: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce, ReadWriteMany],
		resources: {requests: {storage: 8Gi}}, selector: {matchLabels: {a: b}, matchExpressions: [{key: c, operator: Exists}]}}}}}`},
	{"notifications", `{roomId: 1, notifications: [{name: a, url: "https://hooks.example/x?y=z", events: [FileClosed]},
		{name: b, url: "http://10.0.0.1:8080/", signatureSecretRef: {name: s}}]}`},
	{"credentials", `{roomId: 1, credentialsSecretRef: {name: my.cookie}}`},
	{"pod-metadata", `{roomId: 1, podTemplate: {metadata: {labels: {team: a, app.kubernetes.io/part-of: x}, annotations: {prometheus.io/scrape: "true"}}}}`},
	{"env", `{roomId: 1, podTemplate: {env: [{name: A, value: b}, {name: B}, {name: C, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}},
		{name: D, valueFrom: {configMapKeyRef: {name: c, key: k}}}]}}`},
	{"resources", `{roomId: 1, podTemplate: {resources: {requests: {cpu: 50m, memory: 32Mi, ephemeral-storage: 1}, limits: {memory: "1e8"}}}}`},
	{"opaque-parts", `{roomId: 1, podTemplate: {affinity: {nodeAffinity: {x: [1]}}, topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone}]}}`},
	{"volumes", `{roomId: 1, podTemplate: {volumes: [{name: a, configMap: {name: c}}, {name: b, csi: {driver: d}}, {name: c, downwardAPI: {items: []}},
		{name: d, emptyDir: {}}, {name: e, ephemeral: {volumeClaimTemplate: {}}}, {name: f, persistentVolumeClaim: {claimName: x}},
		{name: g, projected: {sources: []}}, {name: h, secret: {secretName: s, defaultMode: 288}}],
		volumeMounts: [{name: a, mountPath: /etc/ssl/extra, readOnly: true}, {name: d, mountPath: /recordings-of-others, subPath: x}]}}`},
	{"user", `{roomId: 1, podTemplate: {terminationGracePeriodSeconds: 15, securityContext: {runAsUser: 1, runAsGroup: 0, fsGroup: 0, supplementalGroups: [5],
		fsGroupChangePolicy: Always}}}`},
}

func TestAccepted(t *testing.T) {
	rooms := rooms(t)
	for _, test := range accepted {
		t.Run(test.name, func(t *testing.T) {
			mustCreate(t, rooms, kit.LiveRoom(t, test.name, test.spec))
		})
	}
}

func TestAcceptedSpecsSetEveryFieldWithARule(t *testing.T) {
	set := map[string]bool{}
	for _, test := range accepted {
		fields(kit.Object(t, test.spec).Object, ".spec", set)
	}
	for _, rule := range rules(t) {
		if !set[rule.path] {
			t.Errorf("no accepted spec sets %s, whose rule says: %s", rule.path, rule.message)
		}
	}
}

func TestDefaults(t *testing.T) {
	created := mustCreate(t, rooms(t), kit.LiveRoom(t, "defaults", `{roomId: 6}`))
	want := kit.Object(t, `
roomId: 6
suspend: false
stream: {qualities: [10000], fallback: Best, formats: [flv, fmp4], codecs: [avc, hevc], avoidHosts: [.mcdn.], preferHosts: []}
recording:
  fileNameTemplate: "{title}_{year}-{month}-{day}-{hour}-{minute}-{second}.{ext}"
  timeZone: Asia/Shanghai
  splitSeconds: 0
  splitSize: 0
  splitOnTitleChange: false
  danmaku: Xml
  cover: Save
  skipTitles: []
  onlyAreas: []
  windows: []
  gaps: Close
transport: {socketTimeoutSeconds: 10, retryIntervalSeconds: 5, maxRetryTimes: 0, pollIntervalSeconds: 120, addressFamily: Any}
storage: {whenDeleted: Retain}
retention: {maxAgeSeconds: 0, maxSize: 0, minFree: 0}
updatePolicy: WhenIdle
updateDeadlineSeconds: 0
notifications: []
podTemplate:
  metadata: {labels: {}, annotations: {}}
  resources: {requests: {}, limits: {}}
  nodeSelector: {}
  tolerations: []
  topologySpreadConstraints: []
  env: []
  hostAliases: []
  imagePullSecrets: []
  volumes: []
  volumeMounts: []
  terminationGracePeriodSeconds: 90
  securityContext: {supplementalGroups: [], fsGroupChangePolicy: OnRootMismatch}
`).Object
	if got := created.Object["spec"]; !reflect.DeepEqual(fmt.Sprint(got), fmt.Sprint(want)) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestNames(t *testing.T) {
	rooms := rooms(t)
	for _, name := range []string{"a", "6", "22637261", "a-b", strings.Repeat("x", 52)} {
		mustCreate(t, rooms, kit.LiveRoom(t, name, ""))
	}
	for _, name := range []string{"a.b", strings.Repeat("x", 53)} {
		_, err := create(rooms, kit.LiveRoom(t, name, ""))
		if len(causes(err)["metadata.name"]) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExamples(t *testing.T) {
	rooms := rooms(t)
	for _, file := range []string{"liveroom.yaml", "liveroom-full.yaml"} {
		for _, object := range kit.Objects(t, kit.File(t, "examples", file)) {
			object.SetNamespace("")
			mustCreate(t, rooms, object)
		}
	}
}

func TestFieldSelectors(t *testing.T) {
	rooms := rooms(t)
	mustCreate(t, rooms, kit.LiveRoom(t, "a", `{roomId: 6}`))
	b := mustCreate(t, rooms, kit.LiveRoom(t, "b", `{roomId: 7, suspend: true}`))
	b.Object["status"] = map[string]any{"podName": "b-recorder"}
	if _, err := rooms.UpdateStatus(context.Background(), b, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	for selector, want := range map[string]string{
		"spec.roomId=6":             "a",
		"spec.roomId=7":             "b",
		"spec.suspend=true":         "b",
		"spec.suspend=false":        "a",
		"status.podName=b-recorder": "b",
	} {
		list, err := rooms.List(context.Background(), metav1.ListOptions{FieldSelector: selector})
		if err != nil {
			t.Fatalf("%s: %v", selector, err)
		}
		if got := names(list); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
}

func names(list *unstructured.UnstructuredList) string {
	var all []string
	for _, item := range list.Items {
		all = append(all, item.GetName())
	}
	return strings.Join(all, " ")
}
