/* The PULP cluster, as GVSoC's `pulp-open` has it: one controller, eight cores that compute. */
#ifndef PULP_H
#define PULP_H

#include <stdint.h>

enum { CORES = 8, TRAPPED = 2 }; /* TRAPPED: exit status after an exception */

/* What link.ld lays out. */
extern unsigned char l2_image_end[], l2_end[];
extern unsigned char l1_data[], l1_local[], l1_end[];
extern unsigned char l1_stack_0[], l1_stack_size[]; /* the end of core 0's; bytes of each other one's */

/* For small data that the cores share: a load takes 1 cycle there, and about 15 from L2. It begins
 * as zeros. */
#define IN_L1 __attribute__((section(".l1")))

/* A register of a device. */
#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* Ends the simulation with this exit status; any core may call it. */
_Noreturn void pulp_exit(uint32_t status);

/* mhartid of the calling core: 0 .. 7, the controller's is larger. */
uint32_t pulp_core(void);

#define CLUSTER_FETCH_ENABLE REGISTER(0x10200008) /* one bit a core, 1: runs */

#endif
