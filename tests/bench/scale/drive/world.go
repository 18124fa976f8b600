// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

const namespace = "bench"

var (
	definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	liverooms   = schema.GroupVersionResource{Group: "liveroom.dev", Version: "v1alpha1", Resource: "liverooms"}
)

// world is the API server as those see it who create LiveRooms.
type world struct {
	rooms   dynamic.ResourceInterface
	lock    sync.Mutex
	changed *sync.Cond
	made    map[string]time.Time // rooms
	pods    map[string]time.Time // rooms with a pod, since when
	told    map[string]bool      // rooms whose status names it
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func newWorld(ctx context.Context, definition string) *world {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	check(err)
	config.QPS = -1
	config.WarningHandler = nil
	typed, err := kubernetes.NewForConfig(config)
	check(err)
	untyped, err := dynamic.NewForConfig(config)
	check(err)
	_, err = typed.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	check(err)
	_, err = typed.CoreV1().ServiceAccounts(namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "liveroom-recorder"}}, metav1.CreateOptions{})
	check(err)
	text, err := os.ReadFile(definition)
	check(err)
	object := &unstructured.Unstructured{}
	check(yaml.Unmarshal(text, &object.Object))
	_, err = untyped.Resource(definitions).Create(ctx, object, metav1.CreateOptions{})
	check(err)
	w := &world{rooms: untyped.Resource(liverooms).Namespace(namespace), made: map[string]time.Time{}, pods: map[string]time.Time{}, told: map[string]bool{}}
	w.changed = sync.NewCond(&w.lock)
	for {
		if _, err := w.rooms.List(ctx, metav1.ListOptions{}); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	watch, err := w.rooms.Watch(ctx, metav1.ListOptions{})
	check(err)
	go w.follow(watch, func(object *unstructured.Unstructured) {
		name, _, _ := unstructured.NestedString(object.Object, "status", "podName")
		if name != "" {
			w.told[object.GetName()] = true
		}
	})
	pods, err := untyped.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace(namespace).Watch(ctx, metav1.ListOptions{})
	check(err)
	go w.follow(pods, func(object *unstructured.Unstructured) {
		room := strings.TrimSuffix(object.GetName(), "-recorder")
		if _, seen := w.pods[room]; !seen {
			w.pods[room] = time.Now()
		}
	})
	return w
}

func (w *world) follow(watch watch.Interface, see func(object *unstructured.Unstructured)) {
	for event := range watch.ResultChan() {
		object, ok := event.Object.(*unstructured.Unstructured)
		if !ok {
			continue
		}
		w.lock.Lock()
		see(object)
		w.changed.Broadcast()
		w.lock.Unlock()
	}
	log.Fatal("a watch of the driver ended")
}

func (w *world) createOne(ctx context.Context, name string, number int) {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "liveroom.dev/v1alpha1", "kind": "LiveRoom",
		"metadata": map[string]any{"name": name}, "spec": map[string]any{"roomId": int64(number)}}}
	w.lock.Lock()
	w.made[name] = time.Now()
	w.lock.Unlock()
	_, err := w.rooms.Create(ctx, object, metav1.CreateOptions{})
	check(err)
}

// create makes rooms, eight at a time.
func (w *world) create(ctx context.Context, prefix string, count int) {
	first := w.count() + 1
	numbers := make(chan int)
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for number := range numbers {
				w.createOne(ctx, fmt.Sprintf("%s-%d", prefix, number), first+number)
			}
		}()
	}
	for number := range count {
		numbers <- number
	}
	close(numbers)
	group.Wait()
}

// await waits until so many rooms have a pod and say so.
func (w *world) await(count int) {
	w.lock.Lock()
	defer w.lock.Unlock()
	for len(w.pods) < count || len(w.told) < count {
		w.changed.Wait()
	}
}

// count is how many rooms were made.
func (w *world) count() int {
	w.lock.Lock()
	defer w.lock.Unlock()
	return len(w.made)
}

// single is how long one room waits for its pod when nothing else is to be done.
func (w *world) single(ctx context.Context, name string) time.Duration {
	w.createOne(ctx, name, w.count()+1)
	w.lock.Lock()
	defer w.lock.Unlock()
	for w.pods[name].IsZero() || !w.told[name] {
		w.changed.Wait()
	}
	return w.pods[name].Sub(w.made[name])
}
