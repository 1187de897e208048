/* A driver's library that behaves as NVML_STUB tells it to, for tests without a GPU.
 *
 * The state is read from the environment at every call, as items with a semicolon between them:
 *
 *   gpus=2                      how many cards there are (else one)
 *   mig                         the first card is partitioned in two
 *   FUNCTION=18                 this function returns this code
 *   FUNCTION@1=15               it does for the second card alone
 *   *@0=15#7                    all functions do for the first card, from its seventh call on
 *   FUNCTION=hang               it never returns
 *
 * Built with -DOLD_DRIVER it lacks the functions that drivers of 2020 lack. Signatures and layouts
 * are those of NVIDIA's NVML API reference.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    int card;
    int instance; /* of a partitioned card; -1 is the card itself */
} Device;

typedef struct {
    unsigned int gpu, memory;
} Utilization;

typedef struct {
    unsigned long long total, free, used;
} Memory;

typedef struct {
    unsigned int version;
    unsigned long long total, reserved, free, used;
} MemoryV2;

typedef struct {
    unsigned int pid;
    unsigned long long memory;
    unsigned int gpu_instance, compute_instance;
} Process;

typedef struct {
    uint32_t field, scope;
    int64_t timestamp, latency;
    int type, code;
    union {
        double real;
        unsigned long long whole;
    } value;
} FieldValue;

enum { OK = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7, INVALID = 2, CARDS = 8 };

#define GIB (1ULL << 30)

static Device cards[CARDS], instances[CARDS][2];
static int calls[CARDS];

static const char *state(void) {
    const char *told = getenv("NVML_STUB");
    return told ? told : "";
}

static int has(const char *word) {
    const char *found = strstr(state(), word);
    return found != NULL;
}

static int number(const char *key, int otherwise) {
    const char *found = strstr(state(), key);
    return found ? atoi(found + strlen(key)) : otherwise;
}

/* Returns the code that a function has to return now, and OK where it is to do its work. */
static int told(const char *function, int card) {
    char copy[1024], *rest = copy, *item;
    if (card >= 0) calls[card]++;
    snprintf(copy, sizeof copy, "%s", state());
    while ((item = strsep(&rest, ";")) != NULL) {
        char *value = strchr(item, '='), *at, *from;
        if (!value) continue;
        *value++ = 0;
        if ((at = strchr(item, '@')) != NULL) {
            *at++ = 0;
            if (card != atoi(at)) continue;
        }
        if (strcmp(item, function) != 0 && !(strcmp(item, "*") == 0 && card >= 0)) continue;
        if ((from = strchr(value, '#')) != NULL && calls[card < 0 ? 0 : card] < atoi(from + 1))
            continue;
        while (strncmp(value, "hang", 4) == 0) pause();
        return atoi(value);
    }
    return OK;
}

#define ASKED(device)                                     \
    do {                                                  \
        int code = told(__func__, (device)->card);        \
        if (code != OK) return code;                      \
    } while (0)

#define FOR_CARDS_ALONE(device) \
    if ((device)->instance >= 0) return NOT_SUPPORTED

int nvmlInitWithFlags(unsigned int flags) {
    (void)flags;
    for (int card = 0; card < CARDS; card++) {
        cards[card] = (Device){card, -1};
        for (int part = 0; part < 2; part++) instances[card][part] = (Device){card, part};
    }
    return told(__func__, -1);
}

int nvmlShutdown(void) { return told(__func__, -1); }

const char *nvmlErrorString(int code) { return code == 999 ? "Unknown Error" : "an error"; }

int nvmlDeviceGetCount_v2(unsigned int *count) {
    *count = (unsigned int)number("gpus=", 1);
    return told(__func__, -1);
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, Device **device) {
    if (index >= CARDS) return INVALID;
    *device = &cards[index];
    ASKED(*device);
    return OK;
}

int nvmlDeviceGetName(Device *device, char *name, unsigned int length) {
    ASKED(device);
    snprintf(name, length, device->instance < 0 ? "NVIDIA Stub 80GB" : "NVIDIA Stub 80GB MIG 3g.40gb");
    return OK;
}

int nvmlDeviceGetUUID(Device *device, char *uuid, unsigned int length) {
    ASKED(device);
    if (device->instance < 0)
        snprintf(uuid, length, "GPU-%d000", device->card);
    else
        snprintf(uuid, length, "MIG-%d%d00", device->card, device->instance);
    return OK;
}

int nvmlDeviceGetUtilizationRates(Device *device, Utilization *use) {
    ASKED(device);
    FOR_CARDS_ALONE(device);
    if (has("mig") && device->card == 0) return NOT_SUPPORTED;
    *use = (Utilization){91 - (unsigned int)device->card, 40};
    return OK;
}

int nvmlDeviceGetMemoryInfo(Device *device, Memory *memory) {
    ASKED(device);
    *memory = device->instance < 0 ? (Memory){80 * GIB, 8 * GIB, 72 * GIB}
                                   : (Memory){40 * GIB, 10 * GIB, 30 * GIB};
    return OK;
}

int nvmlDeviceGetPowerUsage(Device *device, unsigned int *milliwatts) {
    ASKED(device);
    *milliwatts = 612000;
    return OK;
}

int nvmlDeviceGetEnforcedPowerLimit(Device *device, unsigned int *milliwatts) {
    ASKED(device);
    *milliwatts = 700000;
    return OK;
}

int nvmlDeviceGetTemperature(Device *device, int sensor, unsigned int *degrees) {
    (void)sensor;
    ASKED(device);
    *degrees = 64;
    return OK;
}

int nvmlDeviceGetClockInfo(Device *device, int kind, unsigned int *mhz) {
    ASKED(device);
    *mhz = kind == 2 ? 2619 : 1755;
    return OK;
}

int nvmlDeviceGetMaxClockInfo(Device *device, int kind, unsigned int *mhz) {
    ASKED(device);
    *mhz = kind == 2 ? 2619 : 1980;
    return OK;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(Device *device, unsigned long long *reasons) {
    ASKED(device);
    *reasons = 0x4 | 0x20;
    return OK;
}

int nvmlDeviceGetPcieThroughput(Device *device, int counter, unsigned int *kib) {
    ASKED(device);
    *kib = counter == 0 ? 1024 : 2048;
    return OK;
}

int nvmlDeviceGetTotalEccErrors(Device *device, int kind, int span, unsigned long long *count) {
    (void)span;
    ASKED(device);
    *count = kind == 0 ? 5 : 1;
    return OK;
}

/* Counts a further MiB sent and two received over NVLink with every call. */
int nvmlDeviceGetFieldValues(Device *device, int count, FieldValue *values) {
    static unsigned long long kib;
    ASKED(device);
    kib += 1024;
    for (int at = 0; at < count; at++) {
        int known = (values[at].field == 138 || values[at].field == 139) && !has("no-nvlink");
        values[at].code = known ? OK : NOT_SUPPORTED;
        values[at].value.whole = kib * (values[at].field - 137);
    }
    return OK;
}

int nvmlDeviceGetMigMode(Device *device, unsigned int *current, unsigned int *pending) {
    ASKED(device);
    *current = *pending = has("mig") && device->card == 0;
    return OK;
}

int nvmlDeviceGetMaxMigDeviceCount(Device *device, unsigned int *count) {
    ASKED(device);
    *count = 7;
    return OK;
}

int nvmlDeviceGetMigDeviceHandleByIndex(Device *device, unsigned int index, Device **part) {
    ASKED(device);
    if (index >= 2) return NOT_FOUND;
    *part = &instances[device->card][index];
    return OK;
}

static int processes(Device *device, unsigned int *count, Process *found) {
    unsigned int room = *count;
    *count = 1;
    if (device->instance < 0 && device->card == 0 && has("mig")) return *count = 0, OK;
    if (room < 1) return TOO_SMALL;
    found[0] = (Process){4000 + (unsigned int)(device->card + 10 * (device->instance + 1)),
                         60 * GIB, 0xFFFFFFFF, 0xFFFFFFFF};
    return OK;
}

static int nobody(unsigned int *count) { return *count = 0, OK; }

int nvmlDeviceGetComputeRunningProcesses_v2(Device *device, unsigned int *count, Process *found) {
    ASKED(device);
    return processes(device, count, found);
}

int nvmlDeviceGetGraphicsRunningProcesses_v2(Device *device, unsigned int *count, Process *found) {
    (void)found;
    ASKED(device);
    return nobody(count);
}

#ifndef OLD_DRIVER

int nvmlDeviceGetMemoryInfo_v2(Device *device, MemoryV2 *memory) {
    ASKED(device);
    unsigned int version = memory->version;
    *memory = device->instance < 0 ? (MemoryV2){version, 80 * GIB, GIB, 8 * GIB, 71 * GIB}
                                   : (MemoryV2){version, 40 * GIB, 0, 10 * GIB, 30 * GIB};
    return OK;
}

int nvmlDeviceGetCurrentClocksEventReasons(Device *device, unsigned long long *reasons) {
    ASKED(device);
    *reasons = 0x4 | 0x20;
    return OK;
}

int nvmlDeviceGetComputeRunningProcesses_v3(Device *device, unsigned int *count, Process *found) {
    ASKED(device);
    return processes(device, count, found);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(Device *device, unsigned int *count, Process *found) {
    (void)found;
    ASKED(device);
    return nobody(count);
}

#endif
