/* Where the controller and the cores of the cluster begin: CSRs, a stack, then C. The loader has
 * cleared .bss. */
.equ CONTROLLER_CACHE, 0x1a108800
.equ CORE_MASK, 0x1f    /* of mhartid; the bits above are the cluster */
.equ EVENTS, 3          /* of PCER: cycles and instructions */
.equ COUNT, 1           /* of PCMR: counters run */
.equ CONTROLLER_STACK, 1024

.section .text.start, "ax"
.global _start
_start:
    li t0, CONTROLLER_CACHE
    li t1, 1
    sw t1, 0(t0)
    la t0, trap_entry
    csrw mtvec, t0
    la sp, controller_stack + CONTROLLER_STACK
    j controller_main

.global cluster_boot
cluster_boot:
    la t0, trap_entry
    csrw mtvec, t0
    csrw fcsr, zero         /* round to nearest even, no flags */
    csrwi 0xcc0, EVENTS     /* PCER */
    csrwi 0xcc1, COUNT      /* PCMR */
    csrr a0, mhartid
    andi a0, a0, CORE_MASK
    la t0, l1_stack_size    /* absolute: the stack of each core but 0 */
    la sp, l1_stack_0
    mul t0, t0, a0
    add sp, sp, t0
    bnez a0, cluster_serve
    j cluster_main

/* uint32_t pulp_core(void); */
.section .text
.global pulp_core
pulp_core:
    csrr a0, mhartid
    ret

.balign 4
trap_entry:
    csrr a0, mepc
    j pulp_trap

.section .bss
.balign 16
controller_stack:
    .space CONTROLLER_STACK
