/* Where every hart of `-M virt` begins: CSRs, a stack, then C. The ELF loader has cleared .bss. */
.option norvc

.equ MSTATUS_FS_INITIAL, 0x2000
.equ MIE_MSIE, 8
.equ HARTS, 8
.equ STACK_BITS, 16

.section .text.start, "ax"
.global _start
_start:
    li t0, MSTATUS_FS_INITIAL /* before the first floating point instruction */
    csrs mstatus, t0
    csrw fcsr, zero /* round to nearest even, no flags */
    la t0, trap_entry
    csrw mtvec, t0
    li t0, MIE_MSIE /* software interrupts end wfi; they are never taken, mstatus.MIE stays 0 */
    csrw mie, t0
    csrr a0, mhartid
    li t0, HARTS
    bgeu a0, t0, park
    la sp, stacks
    addi t1, a0, 1
    slli t1, t1, STACK_BITS
    add sp, sp, t1
    bnez a0, hart_serve
    j hart_main
park:
    wfi
    j park

.balign 4
trap_entry:
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    j hart_trap

.section .bss
.balign 4096
stacks:
    .space HARTS << STACK_BITS
