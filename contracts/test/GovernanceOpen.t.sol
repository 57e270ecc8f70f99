// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IGovernanceOpen} from "../token/IGovernanceOpen.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {Authorizing} from "./support/Authorizing.sol";

interface IWrapper {
    function underlying() external view returns (address);
}

contract GovernanceOpenTest is Authorizing {
    bytes32 internal constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant DELEGATION = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
    uint256 internal constant KEY = 0xA11CE;
    address internal constant BOB = address(0xB0B);
    OpenToken internal token;
    IGovernanceOpen internal votes;
    address internal alice;

    function setUp() public {
        vm.warp(1_000_000);
        alice = vm.addr(KEY);
        token = OpenToken(deployed("OpenToken", abi.encode(alice)));
        votes = IGovernanceOpen(deployed("GovernanceOpen", abi.encode(token)));
        vm.prank(alice);
        token.approve(address(votes), 100);
    }

    function permitFor(uint256 amountWei, uint256 deadline) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 message = keccak256(
            abi.encode(PERMIT, alice, address(votes), amountWei, token.nonces(alice), deadline)
        );
        return parts(signed(KEY, token.DOMAIN_SEPARATOR(), message));
    }

    function delegationTo(
        address delegatee,
        uint256 nonce,
        uint256 expiry
    ) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 message = keccak256(abi.encode(DELEGATION, delegatee, nonce, expiry));
        return parts(signed(KEY, votes.DOMAIN_SEPARATOR(), message));
    }

    function test_ItIsNamedAndCountsLikeOPEN() public view {
        equal(keccak256(bytes(IERC20Metadata(address(votes)).name())), keccak256("Governance OPEN"), "name");
        equal(keccak256(bytes(IERC20Metadata(address(votes)).symbol())), keccak256("gOPEN"), "symbol");
        equal(IERC20Metadata(address(votes)).decimals(), 18, "decimals");
        equal(IWrapper(address(votes)).underlying(), address(token), "underlying");
        equal(votes.DOMAIN_SEPARATOR(), domainOf(address(votes), "Governance OPEN"), "domain");
        equal(votes.totalSupply(), 0, "supply");
    }

    function test_TheClockIsTheTime() public {
        equal(votes.clock(), 1_000_000, "clock");
        vm.warp(1_000_001);
        vm.roll(7);
        equal(votes.clock(), 1_000_001, "clock later");
        equal(keccak256(bytes(votes.CLOCK_MODE())), keccak256("mode=timestamp"), "mode");
    }

    function test_AWrapperOfNothingIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IGovernanceOpen.GovernanceOpenNoToken.selector, BOB));
        this.deploy(BOB);
    }

    /// A call of its own, for the runner expects the next call to be the one that reverts.
    function deploy(address open) external {
        deployed("GovernanceOpen", abi.encode(open));
    }

    function test_WrappingAndUnwrappingAreExact() public {
        vm.prank(alice);
        require(votes.depositFor(BOB, 60), "deposit");
        equal(votes.balanceOf(BOB), 60, "wrapped");
        equal(votes.balanceOf(alice), 0, "not the depositor's");
        equal(token.balanceOf(address(votes)), 60, "held");
        equal(token.balanceOf(alice), 1e27 - 60, "paid");
        vm.prank(BOB);
        require(votes.withdrawTo(alice, 25), "withdraw");
        equal(votes.balanceOf(BOB), 35, "left");
        equal(votes.totalSupply(), 35, "supply");
        equal(token.balanceOf(address(votes)), 35, "held after");
        equal(token.balanceOf(alice), 1e27 - 35, "got");
    }

    function test_NobodyWrapsOrUnwrapsWhatAnotherHas() public {
        vm.startPrank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(votes), 0, 1));
        votes.depositFor(BOB, 1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, BOB, 0, 1));
        votes.withdrawTo(BOB, 1);
        vm.stopPrank();
        vm.startPrank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(votes), 100, 101)
        );
        votes.depositFor(alice, 101);
        votes.depositFor(alice, 100);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, 100, 101));
        votes.withdrawTo(alice, 101);
        vm.stopPrank();
    }

    function test_TheWrapperIsNobodysAccount() public {
        vm.startPrank(alice);
        bytes memory reason = abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(votes));
        vm.expectRevert(reason);
        votes.depositFor(address(votes), 1);
        votes.depositFor(alice, 1);
        vm.expectRevert(reason);
        votes.withdrawTo(address(votes), 1);
        vm.stopPrank();
    }

    function test_OPENSentWithoutWrappingMintsNothing() public {
        vm.prank(alice);
        token.transfer(address(votes), 5);
        equal(votes.totalSupply(), 0, "supply");
    }

    function test_APermitWrapsWithoutAnApproval() public {
        vm.prank(alice);
        token.approve(address(votes), 0);
        (uint8 v, bytes32 r, bytes32 s) = permitFor(77, block.timestamp);
        vm.prank(alice);
        votes.depositWithPermit(77, block.timestamp, v, r, s);
        equal(votes.balanceOf(alice), 77, "wrapped");
        equal(token.allowance(alice, address(votes)), 0, "allowance is used up");
    }

    function test_APermitThatSomebodyCarriedOutBeforeStillWraps() public {
        (uint8 v, bytes32 r, bytes32 s) = permitFor(77, block.timestamp);
        token.permit(alice, address(votes), 77, block.timestamp, v, r, s);
        vm.prank(alice);
        votes.depositWithPermit(77, block.timestamp, v, r, s);
        equal(votes.balanceOf(alice), 77, "wrapped");
    }

    function test_ABadPermitWrapsNothingAndAnothersPermitNeither() public {
        vm.prank(alice);
        token.approve(address(votes), 0);
        (uint8 v, bytes32 r, bytes32 s) = permitFor(77, block.timestamp);
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(votes), 0, 78)
        );
        votes.depositWithPermit(78, block.timestamp, v, r, s);
        vm.prank(BOB);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(votes), 0, 77)
        );
        votes.depositWithPermit(77, block.timestamp, v, r, s);
    }

    function test_VotesCountOnceDelegatedAndFromTheNextSecond() public {
        vm.prank(alice);
        votes.depositFor(alice, 100);
        equal(votes.getVotes(alice), 0, "not delegated");
        vm.warp(1_000_010);
        vm.prank(alice);
        votes.delegate(BOB);
        equal(votes.getVotes(BOB), 100, "delegated");
        equal(votes.delegates(alice), BOB, "delegate");
        vm.warp(1_000_020);
        vm.prank(alice);
        votes.withdrawTo(alice, 40);
        equal(votes.getVotes(BOB), 60, "after unwrapping");
        vm.warp(1_000_021);
        equal(votes.getPastVotes(BOB, 1_000_009), 0, "before");
        equal(votes.getPastVotes(BOB, 1_000_010), 100, "then");
        equal(votes.getPastVotes(BOB, 1_000_020), 60, "later");
        equal(votes.getPastTotalSupply(1_000_019), 100, "past supply");
        equal(votes.getPastTotalSupply(1_000_020), 60, "past supply later");
    }

    function test_DelegationBySignatureIsGoodOnceAndInTimeAndOnItsChain() public {
        vm.prank(alice);
        votes.depositFor(alice, 100);
        (uint8 v, bytes32 r, bytes32 s) = delegationTo(BOB, 0, block.timestamp);
        vm.chainId(block.chainid + 1);
        // Whoever the signature seems to be from there, it is not alice.
        votes.delegateBySig(BOB, 0, block.timestamp, v, r, s);
        equal(votes.getVotes(BOB), 0, "another chain");
        vm.chainId(block.chainid - 1);
        votes.delegateBySig(BOB, 0, block.timestamp, v, r, s);
        equal(votes.getVotes(BOB), 100, "delegated");
        equal(votes.nonces(alice), 1, "nonce");
        vm.expectRevert(abi.encodeWithSignature("InvalidAccountNonce(address,uint256)", alice, 1));
        votes.delegateBySig(BOB, 0, block.timestamp, v, r, s);
        (v, r, s) = delegationTo(BOB, 1, block.timestamp - 1);
        vm.expectRevert(abi.encodeWithSelector(IVotes.VotesExpiredSignature.selector, block.timestamp - 1));
        votes.delegateBySig(BOB, 1, block.timestamp - 1, v, r, s);
    }

    function test_ItTakesPermitsOfItsOwn() public {
        bytes32 message = keccak256(abi.encode(PERMIT, alice, BOB, 5, 0, block.timestamp));
        (uint8 v, bytes32 r, bytes32 s) = parts(signed(KEY, votes.DOMAIN_SEPARATOR(), message));
        votes.permit(alice, BOB, 5, block.timestamp, v, r, s);
        equal(votes.allowance(alice, BOB), 5, "allowance");
        equal(votes.nonces(alice), 1, "nonce");
    }

    function testFuzz_VotesMoveWithTheTokens(uint256 wrappedWei, uint256 movedWei) public {
        wrappedWei = bound(wrappedWei, 0, 1e27);
        movedWei = bound(movedWei, 0, wrappedWei);
        vm.startPrank(alice);
        token.approve(address(votes), wrappedWei);
        votes.depositFor(alice, wrappedWei);
        votes.delegate(alice);
        vm.stopPrank();
        vm.prank(BOB);
        votes.delegate(BOB);
        vm.prank(alice);
        votes.transfer(BOB, movedWei);
        equal(votes.getVotes(alice), wrappedWei - movedWei, "alice");
        equal(votes.getVotes(BOB), movedWei, "bob");
    }
}
