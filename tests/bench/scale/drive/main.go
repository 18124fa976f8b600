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
	RSS           float64 // with all rooms, after the idle minute
	Anonymous     float64
}

const (
	singles  = 100
	idleTime = 60 * time.Second
	settle   = 2 * time.Second // what still runs when all is done belongs to the work
)

func init() { runtime.LockOSThread() } // a child lives as long as the thread that made it

func main() {
	name := flag.String("name", "", "name in the result")
	rooms := flag.Int("rooms", 500, "LiveRooms of the cold start, and of the burst")
	definition := flag.String("crd", "", "file of the CustomResourceDefinition")
	port := flag.Int("metrics", 0, "port of the program's metrics on loopback")
	flag.Parse()
	ctx := context.Background()
	world := newWorld(ctx, *definition)
	result := Result{Name: *name, Rooms: *rooms}

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
	cpu, requests := process.cpu(), process.requests()
	time.Sleep(idleTime)
	result.IdleCPU, result.IdleRequests = process.cpu()-cpu, process.requests()-requests
	result.RSS, result.Anonymous = process.memory("VmRSS"), process.memory("RssAnon")
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}
