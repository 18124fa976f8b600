// SPDX-License-Identifier: Apache-2.0

package crd

import (
	"context"
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// refusal is a spec that is refused (as it is, or as a change of another), the field that the answer names, and words of it.
type refusal struct{ name, before, spec, field, words string }

const template = `storage: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 8Gi}}}}}`

var refused = []refusal{
	{"no room", ``, `{suspend: true}`, "spec.roomId", "Required value"},
	{"room 0", ``, `{roomId: 0}`, "spec.roomId", "greater than or equal to 1"},
	{"room as text", ``, `{roomId: "6"}`, "spec.roomId", "must be of type integer"},
	{"room beyond 2^53", ``, `{roomId: 9007199254740992}`, "spec.roomId", "less than or equal to"},
	{"room changed", `{roomId: 6}`, `{roomId: 7}`, "spec.roomId", "roomId is immutable"},

	{"no quality", ``, `{roomId: 6, stream: {qualities: []}}`, "spec.stream.qualities", "at least 1"},
	{"quality twice", ``, `{roomId: 6, stream: {qualities: [10000, 400, 10000]}}`, "spec.stream.qualities", "qualities must be different"},
	{"unknown fallback", ``, `{roomId: 6, stream: {fallback: Worst}}`, "spec.stream.fallback", `"Best", "Wait"`},
	{"unknown format", ``, `{roomId: 6, stream: {formats: [ts]}}`, "spec.stream.formats[0]", `"flv", "fmp4"`},
	{"format twice", ``, `{roomId: 6, stream: {formats: [flv, flv]}}`, "spec.stream.formats", "formats must be different"},
	{"codec twice", ``, `{roomId: 6, stream: {codecs: [avc, avc]}}`, "spec.stream.codecs", "codecs must be different"},
	{"empty host", ``, `{roomId: 6, stream: {avoidHosts: [""]}}`, "spec.stream.avoidHosts[0]", "at least 1"},

	{"directory above", ``, `{roomId: 6, recording: {directory: ../x}}`, "spec.recording.directory", `"../x" must be a relative path`},
	{"directory above inside", ``, `{roomId: 6, recording: {directory: a/../../x}}`, "spec.recording.directory", "must be a relative path"},
	{"directory absolute", ``, `{roomId: 6, recording: {directory: /x}}`, "spec.recording.directory", "must be a relative path"},
	{"directory of the recorder", ``, `{roomId: 6, recording: {directory: a/.liveroom}}`, "spec.recording.directory", "part .liveroom"},
	{"directory of 258 bytes", ``, `{roomId: 6, recording: {directory: "` + strings.Repeat("直", 86) + `"}}`, "spec.recording.directory", "at most 255 bytes"},
	{"directory with newline", ``, `{roomId: 6, recording: {directory: "a\nb"}}`, "spec.recording.directory", "control characters"},
	{"directory empty", ``, `{roomId: 6, recording: {directory: ""}}`, "spec.recording.directory", "at least 1"},
	{"directory changed", `{roomId: 6, recording: {directory: a}}`, `{roomId: 6, recording: {directory: b}}`, "spec.recording.directory", "directory is immutable"},
	{"directory added", `{roomId: 6}`, `{roomId: 6, recording: {directory: b}}`, "spec.recording.directory", "directory is immutable"},
	{"directory removed", `{roomId: 6, recording: {directory: a}}`, `{roomId: 6}`, "spec.recording.directory", "directory is immutable"},

	{"template above", ``, `{roomId: 6, recording: {fileNameTemplate: "../{title}.{ext}"}}`, "spec.recording.fileNameTemplate", "relative path"},
	{"template without extension", ``, `{roomId: 6, recording: {fileNameTemplate: "{title}.flv"}}`, "spec.recording.fileNameTemplate", "end with .{ext}"},
	{"template of nothing", ``, `{roomId: 6, recording: {fileNameTemplate: ".{ext}"}}`, "spec.recording.fileNameTemplate", "end with .{ext}"},
	{"template with unknown variable", ``, `{roomId: 6, recording: {fileNameTemplate: "{titel}.{ext}"}}`, "spec.recording.fileNameTemplate", "variables of title"},
	{"template with open brace", ``, `{roomId: 6, recording: {fileNameTemplate: "{title.{ext}"}}`, "spec.recording.fileNameTemplate", "variables of title"},
	{"template with tab", ``, `{roomId: 6, recording: {fileNameTemplate: "a\tb.{ext}"}}`, "spec.recording.fileNameTemplate", "control characters"},
	{"time zone above", ``, `{roomId: 6, recording: {timeZone: ../etc/passwd}}`, "spec.recording.timeZone", "should match"},

	{"split each second", ``, `{roomId: 6, recording: {splitSeconds: 1}}`, "spec.recording.splitSeconds", "at least 10"},
	{"split negative", ``, `{roomId: 6, recording: {splitSeconds: -1}}`, "spec.recording.splitSeconds", "greater than or equal to 0"},
	{"split size small", ``, `{roomId: 6, recording: {splitSize: 1k}}`, "spec.recording.splitSize", "at least 1Mi"},
	{"split size negative", ``, `{roomId: 6, recording: {splitSize: -5}}`, "spec.recording.splitSize", "at least 1Mi"},
	{"split size in GiB", ``, `{roomId: 6, recording: {splitSize: 8GiB}}`, "spec.recording.splitSize", "should match"},
	{"unknown danmaku", ``, `{roomId: 6, recording: {danmaku: Ass}}`, "spec.recording.danmaku", `"None", "Xml", "XmlAndRaw"`},
	{"window without end", ``, `{roomId: 6, recording: {windows: [{from: "20:00"}]}}`, "spec.recording.windows[0].to", "Required value"},
	{"window of nothing", ``, `{roomId: 6, recording: {windows: [{from: "20:00", to: "20:00"}]}}`, "spec.recording.windows[0].to", "must differ from from"},
	{"window at 25 h", ``, `{roomId: 6, recording: {windows: [{from: "25:00", to: "20:00"}]}}`, "spec.recording.windows[0].from", "should match"},
	{"day twice", ``, `{roomId: 6, recording: {windows: [{days: [Mon, Mon], from: "1:00", to: "20:00"}]}}`, "spec.recording.windows[0].from", "should match"},
	{"day twice only", ``, `{roomId: 6, recording: {windows: [{days: [Mon, Mon], from: "01:00", to: "20:00"}]}}`, "spec.recording.windows[0].days", "days must be different"},

	{"no timeout", ``, `{roomId: 6, transport: {socketTimeoutSeconds: 0}}`, "spec.transport.socketTimeoutSeconds", "greater than or equal to 1"},
	{"poll too often", ``, `{roomId: 6, transport: {pollIntervalSeconds: 19}}`, "spec.transport.pollIntervalSeconds", "greater than or equal to 20"},
	{"proxy of socks", ``, `{roomId: 6, transport: {proxy: "socks5://a:1080"}}`, "spec.transport.proxy", "proxy must be http://host:port"},
	{"proxy of no URL", ``, `{roomId: 6, transport: {proxy: "a.example:3128"}}`, "spec.transport.proxy", "proxy must be http://host:port"},
	{"proxy with user", ``, `{roomId: 6, transport: {proxy: "http://me:secret@a:3128"}}`, "spec.transport.proxy", "user name or password"},
	{"proxy with path", ``, `{roomId: 6, transport: {proxy: "http://a:3128/x"}}`, "spec.transport.proxy", "path, query or fragment"},

	{"both storages", ``, `{roomId: 6, storage: {claimName: a, volumeClaimTemplate: {spec: {resources: {requests: {storage: 8Gi}}}}}}`,
		"spec.storage.claimName", "exclude each other"},
	{"delete a foreign claim", ``, `{roomId: 6, storage: {claimName: a, whenDeleted: Delete}}`, "spec.storage.whenDeleted", "must be Retain with claimName"},
	{"claim changed", `{roomId: 6, storage: {claimName: a}}`, `{roomId: 6, storage: {claimName: b}}`, "spec.storage.claimName", "claimName is immutable"},
	{"claim added", `{roomId: 6}`, `{roomId: 6, storage: {claimName: b}}`, "spec.storage.claimName", "claimName is immutable"},
	{"template added", `{roomId: 6}`, `{roomId: 6, ` + template + `}`, "spec.storage.volumeClaimTemplate", "can't be added or removed"},
	{"template removed", `{roomId: 6, ` + template + `}`, `{roomId: 6}`, "spec.storage.volumeClaimTemplate", "can't be added or removed"},
	{"template shrunk", `{roomId: 6, ` + template + `}`, `{roomId: 6, ` + strings.ReplaceAll(template, "8Gi", "8G") + `}`,
		"spec.storage.volumeClaimTemplate.spec.resources.requests.storage", "may grow but not shrink"},
	{"template of size 0", ``, `{roomId: 6, ` + strings.ReplaceAll(template, "8Gi", "0") + `}`,
		"spec.storage.volumeClaimTemplate.spec.resources.requests.storage", "quantity above 0"},
	{"template without size", ``, `{roomId: 6, storage: {volumeClaimTemplate: {spec: {resources: {requests: {}}}}}}`,
		"spec.storage.volumeClaimTemplate.spec.resources.requests.storage", "Required value"},
	{"access mode with another", ``, `{roomId: 6, storage: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce, ReadWriteOncePod], resources: {requests: {storage: 8Gi}}}}}}`,
		"spec.storage.volumeClaimTemplate.spec.accessModes", "stands alone"},
	{"label of the controller on the claim", ``, `{roomId: 6, storage: {volumeClaimTemplate: {metadata: {labels: {liveroom.dev/room: x}}, spec: {resources: {requests: {storage: 8Gi}}}}}}`,
		"spec.storage.volumeClaimTemplate.metadata.labels", "belong to the controller"},
	{"annotation of the controller on the claim", ``, `{roomId: 6, storage: {volumeClaimTemplate: {metadata: {annotations: {liveroom.dev/x: x}}, spec: {resources: {requests: {storage: 8Gi}}}}}}`,
		"spec.storage.volumeClaimTemplate.metadata.annotations", "belong to the controller"},
	{"free space of a shared claim", ``, `{roomId: 6, storage: {claimName: a}, retention: {minFree: 1Gi}}`, "spec.retention.minFree", "can't be used with storage.claimName"},
	{"size negative", ``, `{roomId: 6, retention: {maxSize: -1}}`, "spec.retention.maxSize", "not negative"},
	{"free space negative", ``, `{roomId: 6, retention: {minFree: -1}}`, "spec.retention.minFree", "not negative"},

	{"unknown policy", ``, `{roomId: 6, updatePolicy: Always}`, "spec.updatePolicy", `"WhenIdle", "Immediately", "Never"`},
	{"notification twice", ``, `{roomId: 6, notifications: [{name: a, url: "http://a/"}, {name: a, url: "http://b/"}]}`, "spec.notifications[1]", "Duplicate value"},
	{"notification by mail", ``, `{roomId: 6, notifications: [{name: a, url: "mailto:a@b.example"}]}`, "spec.notifications[0].url", "http or https address"},
	{"event twice", ``, `{roomId: 6, notifications: [{name: a, url: "http://a/", events: [FileClosed, FileClosed]}]}`, "spec.notifications[0].events", "events must be different"},
	{"secret without name", ``, `{roomId: 6, credentialsSecretRef: {}}`, "spec.credentialsSecretRef.name", "Required value"},

	{"label of the controller", ``, `{roomId: 6, podTemplate: {metadata: {labels: {app.kubernetes.io/managed-by: me}}}}`, "spec.podTemplate.metadata.labels", "belong to the controller"},
	{"annotation of the controller", ``, `{roomId: 6, podTemplate: {metadata: {annotations: {liveroom.dev/config: "{}"}}}}`, "spec.podTemplate.metadata.annotations", "belong to the controller"},
	{"resource of no quantity", ``, `{roomId: 6, podTemplate: {resources: {limits: {memory: lots}}}}`, "spec.podTemplate.resources.limits.memory", "should match"},
	{"variable twice", ``, `{roomId: 6, podTemplate: {env: [{name: A}, {name: A}]}}`, "spec.podTemplate.env[1]", "Duplicate value"},
	{"variable with two values", ``, `{roomId: 6, podTemplate: {env: [{name: A, value: b, valueFrom: {secretKeyRef: {name: s, key: k}}}]}}`,
		"spec.podTemplate.env[0].value", "exclude each other"},
	{"variable from nowhere", ``, `{roomId: 6, podTemplate: {env: [{name: A, valueFrom: {}}]}}`, "spec.podTemplate.env[0].valueFrom", "needs one of"},
	{"volume of no source", ``, `{roomId: 6, podTemplate: {volumes: [{name: a}]}}`, "spec.podTemplate.volumes[0]", "exactly one of"},
	{"volume of two sources", ``, `{roomId: 6, podTemplate: {volumes: [{name: a, emptyDir: {}, secret: {secretName: s}}]}}`, "spec.podTemplate.volumes[0]", "exactly one of"},
	{"volume of the operator", ``, `{roomId: 6, podTemplate: {volumes: [{name: token, emptyDir: {}}]}}`, "spec.podTemplate.volumes[0].name", "belong to the operator"},
	{"mount of the operator", ``, `{roomId: 6, podTemplate: {volumeMounts: [{name: a, mountPath: /recordings/x}]}}`, "spec.podTemplate.volumeMounts[0].mountPath", "belong to the operator"},
	{"mount relative", ``, `{roomId: 6, podTemplate: {volumeMounts: [{name: a, mountPath: x/y}]}}`, "spec.podTemplate.volumeMounts[0].mountPath", "absolute path"},
	{"root", ``, `{roomId: 6, podTemplate: {securityContext: {runAsUser: 0}}}`, "spec.podTemplate.securityContext.runAsUser", "greater than or equal to 1"},
	{"killed at once", ``, `{roomId: 6, podTemplate: {terminationGracePeriodSeconds: 0}}`, "spec.podTemplate.terminationGracePeriodSeconds", "greater than or equal to 15"},
}

// refuse creates, or creates and changes, what the table says and returns the answer.
func refuse(t *testing.T, rooms dynamic.ResourceInterface, name string, test refusal) error {
	t.Helper()
	if test.before == "" {
		_, err := create(rooms, kit.LiveRoom(t, name, test.spec))
		return err
	}
	object := mustCreate(t, rooms, kit.LiveRoom(t, name, test.before))
	object.Object["spec"] = kit.Object(t, test.spec).Object
	_, err := rooms.Update(context.Background(), object, metav1.UpdateOptions{FieldValidation: metav1.FieldValidationStrict})
	return err
}

func TestRefused(t *testing.T) {
	rooms, rules := rooms(t), rules(t)
	seen := map[rule]bool{}
	for i, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			err := refuse(t, rooms, fmt.Sprintf("room-%d", i), test)
			if err == nil || !apierrors.IsInvalid(err) {
				t.Fatalf("want a refusal of %s, got %v", test.field, err)
			}
			if !strings.Contains(strings.Join(causes(err)[test.field], "\n"), test.words) || !strings.Contains(err.Error(), test.field) {
				t.Errorf("want %s: %s\ngot %v", test.field, test.words, err)
			}
			for field, messages := range causes(err) {
				for _, rule := range rules {
					if rule.path == schemaPath(field) && strings.Contains(strings.Join(messages, "\n"), rule.message) {
						seen[rule] = true
					}
				}
			}
		})
	}
	for _, rule := range rules {
		if !seen[rule] {
			t.Errorf("nothing in the table is refused by the rule of %s: %s", rule.path, rule.message)
		}
	}
}

// schemaPath is the path of the schema for a field as answers write it, spec.windows[0].to.
func schemaPath(field string) string {
	var path strings.Builder
	path.WriteByte('.')
	inIndex := false
	for _, letter := range field {
		switch {
		case letter == '[':
			inIndex = true
			path.WriteString("[]")
		case letter == ']':
			inIndex = false
		case !inIndex:
			path.WriteRune(letter)
		}
	}
	return path.String()
}

func TestUnknownFieldsAreRefused(t *testing.T) {
	rooms := rooms(t)
	for spec, field := range map[string]string{
		`{roomId: 6, sream: {}}`:                                                     "spec.sream",
		`{roomId: 6, recording: {dir: x}}`:                                           "spec.recording.dir",
		`{roomId: 6, podTemplate: {serviceAccountName: admin}}`:                      "spec.podTemplate.serviceAccountName",
		`{roomId: 6, podTemplate: {volumes: [{name: a, hostPath: {path: /}}]}}`:      "spec.podTemplate.volumes[0].hostPath",
		`{roomId: 6, podTemplate: {securityContext: {privileged: true}}}`:            "spec.podTemplate.securityContext.privileged",
		`{roomId: 6, notifications: [{name: a, url: "http://a/", headers: {a: b}}]}`: "spec.notifications[0].headers",
	} {
		_, err := create(rooms, kit.LiveRoom(t, "a", spec))
		if err == nil || !strings.Contains(err.Error(), `unknown field "`+field+`"`) {
			t.Errorf("%s: want a refusal of %s, got %v", spec, field, err)
		}
	}
}

func TestTemplateMayGrow(t *testing.T) {
	rooms := rooms(t)
	object := mustCreate(t, rooms, kit.LiveRoom(t, "a", `{roomId: 6, `+template+`}`))
	for _, size := range []string{"8192Mi", "9Gi", "10G"} {
		object.Object["spec"] = kit.Object(t, `{roomId: 6, `+strings.ReplaceAll(template, "8Gi", size)+`}`).Object
		var err error
		if object, err = rooms.Update(context.Background(), object, metav1.UpdateOptions{}); err != nil {
			t.Fatalf("%s: %v", size, err)
		}
	}
}
