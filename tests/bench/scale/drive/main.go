// SPDX-License-Identifier: Apache-2.0

// Command drive lets one operator do a fixed piece of work on an empty API server and prints what it took as one line of JSON.
//
//	drive -name NAME -rooms N -crd FILE -metrics PORT -- PROGRAM ARGUMENTS...
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"sort"
	"sync"
	"time"
)

// Result is what is printed. Times are in seconds, sizes in MiB, latencies in milliseconds.
type Result struct {
	Name          string
	Rooms         int
	ColdSeconds   float64
	ColdCPU       float64
	ColdRequests  float64 // of a room, reads and the Lease left out
	BurstSeconds  float64
	BurstCPU      float64
	BurstRequests float64
	SingleP50     float64
	SingleP99     float64
	IdleCPU       float64 // in 60 s
	IdleRequests  float64
	IdleWrites    float64 // but for the Lease
	RSS           float64 // with all rooms, after the idle minute
	Anonymous     float64
	EmptyRSS      float64 // before there was a room
	EmptyAnon     float64
	SteadySeconds float64 // of creations at an even rate, as below
	SteadyCPU     float64
	QueueP50      float64 // ms; from the program's own histograms, as Prometheus would interpolate them
	QueueP99      float64
	ReconcileP50  float64
	ReconcileP99  float64
}

const (
	singles = 100
	rate    = 10              // creations a second of the steady part
	settle  = 2 * time.Second // what still runs when all is done belongs to the work
)

func init() { runtime.LockOSThread() } // a child lives as long as the thread that made it

func main() {
	name := flag.String("name", "", "name in the result")
	rooms := flag.Int("rooms", 500, "LiveRooms of the cold start, and of the burst")
	definition := flag.String("crd", "", "file of the CustomResourceDefinition")
	idle := flag.Duration("idle", time.Minute, "how long the program is watched at rest")
	steady := flag.Duration("steady", 0, "how long LiveRooms are made at an even rate; 0 leaves that out")
	port := flag.Int("metrics", 0, "port of the program's metrics on loopback")
	flag.Parse()
	ctx := context.Background()
	world := newWorld(ctx, *definition)
	result := Result{Name: *name, Rooms: *rooms}

	empty := start(flag.Args(), *port)
	time.Sleep(5 * time.Second)
	result.EmptyRSS, result.EmptyAnon = empty.memory("VmRSS"), empty.memory("RssAnon")
	empty.stop()

	world.create(ctx, "cold", *rooms)
	process := start(flag.Args(), *port)
	defer process.stop()
	began := time.Now()
	world.await(*rooms)
	result.ColdSeconds = time.Since(began).Seconds()
	time.Sleep(settle)
	result.ColdCPU, result.ColdRequests = process.cpu(), process.writes()/float64(*rooms)

	cpu, writes := process.cpu(), process.writes()
	began = time.Now()
	world.create(ctx, "burst", *rooms)
	world.await(2 * *rooms)
	result.BurstSeconds = time.Since(began).Seconds()
	time.Sleep(settle)
	result.BurstCPU, result.BurstRequests = process.cpu()-cpu, (process.writes()-writes)/float64(*rooms)

	var latencies []float64
	for i := range singles {
		latencies = append(latencies, float64(world.single(ctx, fmt.Sprintf("single-%d", i)).Microseconds())/1000)
	}
	sort.Float64s(latencies)
	result.SingleP50, result.SingleP99 = latencies[singles/2], latencies[singles*99/100]

	world.await(2**rooms + singles)
	time.Sleep(settle)
	cpu, writes = process.cpu(), process.writes()
	requests := process.requests()
	time.Sleep(*idle)
	result.IdleCPU, result.IdleRequests, result.IdleWrites = process.cpu()-cpu, process.requests()-requests, process.writes()-writes
	result.RSS, result.Anonymous = process.memory("VmRSS"), process.memory("RssAnon")
	if *steady > 0 {
		result.steady(ctx, world, process, int(steady.Seconds()*rate))
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}

// steady makes so many rooms at an even rate; who is late makes up for it.
func (r *Result) steady(ctx context.Context, world *world, process *process, count int) {
	queue, reconcile := process.histogram("workqueue_queue_duration_seconds"), process.histogram("controller_runtime_reconcile_time_seconds")
	there := world.count()
	cpu, began := process.cpu(), time.Now()
	var group sync.WaitGroup
	for i := range count {
		time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / rate)))
		group.Add(1)
		go func() {
			defer group.Done()
			world.createOne(ctx, fmt.Sprintf("steady-%d", i), there+i+1)
		}()
	}
	group.Wait()
	world.await(there + count)
	r.SteadySeconds, r.SteadyCPU = time.Since(began).Seconds(), process.cpu()-cpu
	queue = process.histogram("workqueue_queue_duration_seconds").since(queue)
	reconcile = process.histogram("controller_runtime_reconcile_time_seconds").since(reconcile)
	r.QueueP50, r.QueueP99 = queue.quantile(0.5)*1000, queue.quantile(0.99)*1000
	r.ReconcileP50, r.ReconcileP99 = reconcile.quantile(0.5)*1000, reconcile.quantile(0.99)*1000
}
